import Glibc
import Model

/// One running child, as the reactor's thread sees it.
final class Child {
    /// One of the things of a child that can become ready; the raw value is part of its epoll token.
    enum Part: UInt64, CaseIterable {
        case exit, output, errors, input
    }

    let id: UInt64
    let pid: pid_t
    /// When something must be done about it, on the monotonic clock.
    var deadline: Int64
    /// Set once it was killed by us.
    private(set) var killedFor: CommandResult.Ending?
    private let started = Monotonic.now
    private var descriptors: [Part: Descriptor]
    private var output: Capture
    private var errors: Capture
    private var input: [UInt8]
    private var written = 0
    private var drained = true

    /// How long a killed child may take to die before its command is given up.
    private static let grace: Int64 = 5000

    init(
        id: UInt64, pid: pid_t, handle: Descriptor, launch: Launch, output: Descriptor, errors: Descriptor?,
        input: Descriptor?
    ) {
        self.id = id
        self.pid = pid
        deadline = started + launch.timeout
        self.output = launch.capture
        self.errors = launch.capture
        self.input = launch.input
        descriptors = [.exit: handle, .output: output]
        descriptors[.errors] = errors
        descriptors[.input] = input
    }

    /// The descriptor of a part that is still open.
    func descriptor(_ part: Part) -> Int32? { descriptors[part]?.raw }

    /// Kills the whole process group; the exit is then seen as usual.
    func kill(for ending: CommandResult.Ending) {
        killedFor = killedFor ?? ending
        Glibc.kill(-pid, SIGKILL)
        deadline = Monotonic.now + Child.grace
    }

    /// Closes what connects us to it, besides what tells of its exit.
    func hangUp() {
        for part in [Part.output, .errors, .input] { descriptors[part] = nil }
        deadline = .max
    }

    /// Reads or writes what is possible without waiting.
    func transfer(_ part: Part, _ buffer: UnsafeMutableRawBufferPointer) {
        switch part {
        case .exit: break
        case .input: feed()
        case .output, .errors: _ = drink(part, buffer)
        }
    }

    /// Kills what is left of the group of a child that ended, reaps it and takes what it still said; nil while it runs.
    func reap(_ buffer: UnsafeMutableRawBufferPointer) -> RawResult? {
        // Before the reaping: until then the group's number cannot belong to anybody else.
        Glibc.kill(-pid, SIGKILL)
        var status: Int32 = 0
        let reaped = waitpid(pid, &status, WNOHANG)
        if reaped == 0 || (reaped < 0 && errno == EINTR) { return nil }
        // Somebody else's waitpid took the status: never a success.
        if reaped < 0 { status = 0xFF00 }
        let signal = status & 0x7F
        let ended: CommandResult.Ending = signal == 0 ? .exited((status >> 8) & 0xFF) : .signaled(signal)
        // A pipe holds at most a megabyte; whoever keeps writing is not waited for.
        for part in [Part.output, .errors] {
            var budget = 1 << 20
            while budget > 0, let count = drink(part, buffer) { budget -= count }
            if descriptors[part] != nil, budget <= 0 { drained = false }
        }
        return result(killedFor ?? ended, endsWhole: signal == 0 && drained)
    }

    /// The result of a child that is no longer waited for.
    func result(_ ending: CommandResult.Ending, endsWhole: Bool) -> RawResult {
        RawResult(
            ending: ending, output: output, errors: errors, endsWhole: endsWhole,
            duration: TimeSpan(milliseconds: Monotonic.now - started))
    }

    /// Reads once; nil where nothing is there now or ever.
    private func drink(_ part: Part, _ buffer: UnsafeMutableRawBufferPointer) -> Int? {
        guard let descriptor = descriptor(part) else { return nil }
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        if count > 0 {
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            if part == .output { output.append(bytes) } else { errors.append(bytes) }
            return count
        }
        if count == 0 || (errno != EAGAIN && errno != EINTR) { descriptors[part] = nil }
        return nil
    }

    /// Writes once; a child that stopped reading gets no more, which is its own business.
    private func feed() {
        guard let descriptor = descriptor(.input) else { return }
        let count = input.withUnsafeBytes { bytes in
            write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
        }
        if count > 0 { written += count }
        let isOver = count < 0 && errno != EAGAIN && errno != EINTR
        if isOver || written == input.count { descriptors[.input] = nil }
    }
}
