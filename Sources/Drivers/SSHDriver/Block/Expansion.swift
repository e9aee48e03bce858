import DriverKit
import Model
import Processes

/// Puts variables into text: `{{ NAME }}`. What is not known is a failure, never an empty text; `{{{{` stands for `{{`.
struct Expansion: Sendable {
    /// Every variable that may be named.
    var variables: [String: Text]

    /// What a text became.
    struct Result {
        var bytes: [UInt8] = []
        /// The secrets that are in it.
        var secrets: [Secret] = []
    }

    /// `place` names the text in messages.
    func expand(_ text: some Collection<UInt8>, in place: String) throws(DriverFailure) -> Result {
        var result = Result()
        result.bytes.reserveCapacity(text.count)
        for part in try Self.parts(of: text, in: place) {
            switch part {
            case .plain(let bytes): result.bytes += bytes
            case .name(let name):
                switch variables[name] {
                case .plain(let value)?: result.bytes += value.utf8
                case .secret(let reference)?:
                    let secret: Secret
                    do throws(SecretError) { secret = try SecretReader.read(reference) } catch {
                        throw DriverFailure(error.description)
                    }
                    secret.withBytes { result.bytes += $0 }
                    result.secrets.append(secret)
                case nil:
                    throw DriverFailure(
                        "\(place) names the variable \(VisibleText.line(name, limit: 60)), which neither the host nor `vars` has"
                    )
                }
            }
        }
        return result
    }

    /// A text that everybody may see, such as a path: no secret may be in it.
    func plain(_ text: String, in place: String) throws(DriverFailure) -> String {
        guard text.utf8.contains(UInt8(ascii: "{")) else { return text }
        let result = try expand(Array(text.utf8), in: place)
        guard result.secrets.isEmpty else {
            throw DriverFailure("\(place) holds a secret, and everybody may see it there")
        }
        return String(decoding: result.bytes, as: UTF8.self)
    }

    /// The names of the variables in a text; none where it is not well formed.
    static func names(in text: String) -> Set<String> {
        guard text.utf8.contains(UInt8(ascii: "{")), let parts = try? parts(of: Array(text.utf8), in: "") else {
            return []
        }
        return parts.reduce(into: []) { if case .name(let name) = $1 { $0.insert(name) } }
    }

    private enum Part {
        case plain([UInt8])
        case name(String)
    }

    private static let open = UInt8(ascii: "{")
    private static let close = UInt8(ascii: "}")

    private static func parts(of text: some Collection<UInt8>, in place: String) throws(DriverFailure) -> [Part] {
        let text = Array(text)
        var parts: [Part] = []
        var start = 0
        var index = 0
        while index + 1 < text.count {
            guard text[index] == open, text[index + 1] == open else {
                index += 1
                continue
            }
            if start < index { parts.append(.plain(Array(text[start..<index]))) }
            if index + 3 < text.count, text[index + 2] == open, text[index + 3] == open {
                parts.append(.plain([open, open]))
                index += 4
                start = index
                continue
            }
            var end = index + 2
            while end + 1 < text.count, !(text[end] == close && text[end + 1] == close), text[end] != 10 { end += 1 }
            let inner = text[(index + 2)..<min(end, text.count)].filter { $0 != 32 && $0 != 9 }
            guard end + 1 < text.count, text[end] == close, isName(inner) else {
                let line = text[..<index].count { $0 == 10 } + 1
                throw DriverFailure(
                    "\(place) has `{{` in line \(line) and no `{{ NAME }}`: write the name of a variable, or `{{{{` for `{{` itself"
                )
            }
            parts.append(.name(String(decoding: inner, as: UTF8.self)))
            index = end + 2
            start = index
        }
        if start < text.count { parts.append(.plain(Array(text[start...]))) }
        return parts
    }

    private static func isName(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first, !(0x30...0x39).contains(first) else { return false }
        return bytes.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || $0 == UInt8(ascii: "_")
        }
    }
}
