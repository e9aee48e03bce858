import CProcess
import Glibc

/// A child that is kept and spoken with, as the reactor's thread sees it.
final class KeptChild: Child {
    /// Whether its outputs are being read.
    var isHeard = true
    private let backlog: Backlog
    private var output: LineCutter
    /// What it says of itself is cut where a line is long.
    private var errors = LineCutter(limit: 4096)
    private var pending: [UInt8]
    private var written = 0
    private var isLast = false

    init(id: UInt64, _ spawned: Spawned, _ launch: Launch, _ backlog: Backlog) {
        self.backlog = backlog
        output = LineCutter(limit: launch.capture.limit)
        pending = launch.input
        super.init(id: id, spawned)
    }

    /// Whether more waits to be taken than should.
    var isFull: Bool { backlog.isFull }

    /// Bytes to write once it reads; nil ends its input after those before.
    func send(_ bytes: [UInt8]?) {
        if let bytes { pending += bytes } else { isLast = true }
        feed()
    }

    /// What it said of itself before a line is heard before that line.
    override func transfer(_ part: Part, _ buffer: UnsafeMutableRawBufferPointer) {
        if part == .output { _ = drink(.errors, buffer) }
        super.transfer(part, buffer)
    }

    override func heard(_ bytes: UnsafeRawBufferPointer, on part: Part) {
        if part == .errors { return errors.cut(bytes) { backlog.put(.remark($0, length: $1)) } }
        guard killedFor == nil else { return }
        var isTooLong = false
        output.cut(bytes) { line, length in
            if length == line.count { backlog.put(.line(line)) } else { isTooLong = true }
        }
        guard isTooLong || output.isTooLong else { return }
        backlog.put(.lineTooLong)
        kill(for: .cancelled)
    }

    /// Told once whenever there is room again, so that an idle pipe does not keep the thread busy.
    override func interest(in part: Part) -> UInt32 {
        part == .input ? EPOLLOUT.rawValue | EPOLLET.rawValue : super.interest(in: part)
    }

    override func feed() {
        guard let descriptor = descriptor(.input) else { return }
        while written < pending.count {
            let count = pending.withUnsafeBytes { bytes in
                write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
            }
            if count > 0 { written += count; continue }
            if errno == EINTR { continue }
            if errno == EAGAIN { return }
            // It reads no more: nothing will ever reach it.
            close(.input)
            break
        }
        pending = []
        written = 0
        if isLast { close(.input) }
    }

    override func ended(_ ending: CommandResult.Ending, endsWhole: Bool) {
        errors.finish { backlog.put(.remark($0, length: $1)) }
        backlog.put(.ended(ending))
    }
}
