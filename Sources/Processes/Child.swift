import CProcess
import Glibc
import Model

/// One running child, as the reactor's thread sees it. What becomes of its words and of its end is its kind's business.
class Child {
    /// One of the things of a child that can become ready; the raw value is part of its epoll token.
    enum Part: UInt64, CaseIterable {
        case exit, output, errors, input
    }

    let id: UInt64
    let pid: pid_t
    /// When something must be done about it, on the monotonic clock.
    final var deadline = Int64.max
    /// Set once it was killed by us.
    private(set) final var killedFor: CommandResult.Ending?
    private final var descriptors: [Part: Descriptor]
    private final var isOver = false

    /// How long a killed child may take to die before it is given up.
    private static let grace: Int64 = 5000

    init(id: UInt64, _ spawned: Spawned) {
        self.id = id
        pid = spawned.pid
        descriptors = [.exit: spawned.handle, .output: spawned.output]
        descriptors[.errors] = spawned.errors
        descriptors[.input] = spawned.input
    }

    /// Takes what it said on its output or its errors.
    func heard(_ bytes: UnsafeRawBufferPointer, on part: Part) {}

    /// Writes to it what is possible without waiting.
    func feed() {}

    /// Called once, at its end. `endsWhole` is false where it may have been stopped in the middle of a word.
    func ended(_ ending: CommandResult.Ending, endsWhole: Bool) {}

    /// What epoll shall tell of a part.
    func interest(in part: Part) -> UInt32 { (part == .input ? EPOLLOUT : EPOLLIN).rawValue }

    /// The descriptor of a part that is still open.
    final func descriptor(_ part: Part) -> Int32? { descriptors[part]?.raw }

    /// Closes one part.
    final func close(_ part: Part) { descriptors[part] = nil }

    /// Kills the whole process group; the exit is then seen as usual.
    final func kill(for ending: CommandResult.Ending) {
        killedFor = killedFor ?? ending
        Glibc.kill(-pid, SIGKILL)
        deadline = Monotonic.now + Child.grace
    }

    /// Waits no longer for one that was killed and does not die: closes all but what tells of its exit.
    final func giveUp(_ ending: CommandResult.Ending) {
        for part in [Part.output, .errors, .input] { close(part) }
        deadline = .max
        isOver = true
        ended(ending, endsWhole: false)
    }

    /// Reads or writes what is possible without waiting.
    func transfer(_ part: Part, _ buffer: UnsafeMutableRawBufferPointer) {
        switch part {
        case .exit: break
        case .input: feed()
        case .output, .errors: _ = drink(part, buffer)
        }
    }

    /// Kills what is left of the group of a child that ended, reaps it and takes what it still said; false while it runs.
    final func reap(_ buffer: UnsafeMutableRawBufferPointer) -> Bool {
        // Before the reaping: until then the group's number cannot belong to anybody else.
        Glibc.kill(-pid, SIGKILL)
        var status: Int32 = 0
        let reaped = waitpid(pid, &status, WNOHANG)
        if reaped == 0 || (reaped < 0 && errno == EINTR) { return false }
        // Somebody else's waitpid took the status: never a success.
        if reaped < 0 { status = 0xFF00 }
        let signal = status & 0x7F
        if isOver { return true }
        var isWhole = signal == 0
        // A pipe holds at most a megabyte; whoever keeps writing is not waited for.
        for part in [Part.output, .errors] {
            var budget = 1 << 20
            while budget > 0, let count = drink(part, buffer) { budget -= count }
            if descriptors[part] != nil, budget <= 0 { isWhole = false }
        }
        ended(killedFor ?? (signal == 0 ? .exited((status >> 8) & 0xFF) : .signaled(signal)), endsWhole: isWhole)
        return true
    }

    /// Reads once; nil where nothing is there now or ever.
    final func drink(_ part: Part, _ buffer: UnsafeMutableRawBufferPointer) -> Int? {
        guard let descriptor = descriptor(part) else { return nil }
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        if count > 0 {
            heard(UnsafeRawBufferPointer(rebasing: buffer[..<count]), on: part)
            return count
        }
        if count == 0 || (errno != EAGAIN && errno != EINTR) { close(part) }
        return nil
    }
}
