import Model
import Processes

/// One request and what is heard of its answer.
struct Talk {
    enum Ending {
        /// The host has read the request.
        case begun
        /// Nothing from before goes on there any more, and the act has begun.
        case alone
        /// The host did not begin the act; the first word says why.
        case refused(String)
        /// The answer is whole.
        case done
        case ended(CommandResult.Ending)
        case tooLong
        /// Something that was to travel cannot be read any more.
        case unreadable

        /// Whether the client ended, and not because we wanted it to.
        var isByItself: Bool {
            switch self {
            case .ended(.cancelled), .begun, .alone, .refused, .done, .tooLong, .unreadable: false
            case .ended: true
            }
        }
    }

    enum Goal { case begun, alone, done }

    /// What marks the lines of the answer.
    let name: String
    private let mark: [UInt8]
    private let payloads: [Payload]
    private var next = (payload: 0, piece: 0)
    private var size = 0
    private var hasBegun = false
    var answer = Answer()
    /// Whose turn it was last on the host, and the account and folder there where that is kept, if it said so.
    private(set) var turn: (last: String, folder: String)?

    /// How many pieces may be under way.
    private static let window = 4
    /// The most that one answer may hold, in bytes.
    private static let limit = 64 << 20
    private static let remarks = 60

    init(mark: String, request: Connection.Request) {
        name = mark
        self.mark = Array(mark.utf8)
        payloads = request.payloads
    }

    /// Takes what the process says until the goal is reached or nothing more can come.
    mutating func hear(_ process: KeptProcess, until goal: Goal) async -> Ending {
        while let event = await process.next() {
            switch event {
            case .remark(let bytes, _):
                answer.remarks.append(String(decoding: bytes, as: UTF8.self))
                if answer.remarks.count > Self.remarks { answer.remarks.removeFirst() }
            case .line(let bytes):
                size += bytes.count
                if size > Self.limit {
                    process.kill()
                    return .tooLong
                }
                if let ending = await take(bytes, process, goal) { return ending }
            case .lineTooLong: return .tooLong
            case .ended(let how): return .ended(how)
            }
        }
        return .ended(.cancelled)
    }

    private mutating func take(_ bytes: [UInt8], _ process: KeptProcess, _ goal: Goal) async -> Ending? {
        guard bytes.starts(with: mark), bytes.count > mark.count, bytes[mark.count] == 32 else {
            // What a login shell says before we begin is nothing to us.
            if hasBegun, !bytes.isEmpty { answer.lines.append(.raw(bytes)) }
            return nil
        }
        let rest = bytes[(mark.count + 1)...]
        switch rest.first {
        case UInt8(ascii: "+") where rest.count == 1:
            hasBegun = true
            answer.remarks = []
            for _ in 0..<Self.window where !(await send(process)) { return .unreadable }
            return goal == .begun ? .begun : nil
        case UInt8(ascii: "~") where rest.count == 1:
            return await send(process) ? nil : .unreadable
        case UInt8(ascii: ".") where rest.count == 1: return .done
        case UInt8(ascii: "|") where rest.count == 1:
            answer.remarks = []
            return goal == .alone ? .alone : nil
        case UInt8(ascii: "#"): return .refused(String(decoding: rest.dropFirst(2), as: UTF8.self))
        case UInt8(ascii: "t"):
            let words = String(decoding: rest, as: UTF8.self).split(separator: " ", maxSplits: 2).map(String.init)
            if words.count == 3 { turn = (String(words[1].dropFirst()), words[2]) }
            return nil
        default:
            answer.say(rest)
            return nil
        }
    }

    /// Sends the next piece, where there is one; after the last piece of a payload the mark, so that the host knows that it
    /// came whole. False where it cannot be read.
    private mutating func send(_ process: KeptProcess) async -> Bool {
        guard next.payload < payloads.count else { return true }
        let payload = payloads[next.payload]
        guard let bytes = await payload.piece(next.piece) else {
            process.kill()
            return false
        }
        next.piece += 1
        process.write(bytes)
        if next.piece >= payload.pieces {
            process.write(mark + [10])
            next = (next.payload + 1, 0)
        }
        return true
    }
}

/// What marks the lines of an answer.
enum Mark {
    /// Another one each time, that nobody can guess.
    static func next() -> String {
        var system = SystemRandomNumberGenerator()
        let numbers = [
            UInt64.random(in: .min ... .max, using: &system), UInt64.random(in: .min ... .max, using: &system),
        ]
        return "R" + numbers.map { String($0, radix: 36) }.joined()
    }
}
