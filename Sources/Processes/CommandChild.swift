import Glibc
import Model

/// A child that runs one command to its end: it gets its input at once, and its output is kept until it ends.
final class CommandChild: Child {
    private let started = Monotonic.now
    private let whenDone: CheckedContinuation<Result<RawResult, NotStarted>, Never>
    private var output: Capture
    private var errors: Capture
    private var input: [UInt8]
    private var written = 0

    init(
        id: UInt64, _ spawned: Spawned, _ launch: Launch,
        whenDone: CheckedContinuation<Result<RawResult, NotStarted>, Never>
    ) {
        self.whenDone = whenDone
        output = launch.capture
        errors = launch.capture
        input = launch.input
        super.init(id: id, spawned)
        deadline = started + launch.timeout
    }

    override func heard(_ bytes: UnsafeRawBufferPointer, on part: Part) {
        if part == .output { output.append(bytes) } else { errors.append(bytes) }
    }

    /// A child that stopped reading gets no more, which is its own business.
    override func feed() {
        guard let descriptor = descriptor(.input) else { return }
        let count = input.withUnsafeBytes { bytes in
            write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
        }
        if count > 0 { written += count }
        let isOver = count < 0 && errno != EAGAIN && errno != EINTR
        if isOver || written == input.count { close(.input) }
    }

    override func ended(_ ending: CommandResult.Ending, endsWhole: Bool) {
        whenDone.resume(
            returning: .success(
                RawResult(
                    ending: ending, output: output, errors: errors, endsWhole: endsWhole,
                    duration: TimeSpan(milliseconds: Monotonic.now - started))))
    }
}
