import CProcess
import Glibc

/// A close-on-exec pipe between us and a child; our end does not block, the child's does.
struct Pipe {
    /// Which way the bytes go.
    enum Direction {
        case toChild, fromChild
    }

    /// The end that stays with us.
    let ours: Descriptor
    /// The end that the child gets.
    let childs: Descriptor

    init(_ direction: Direction) throws(NotStarted) {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw NotStarted(reason: Spawn.reason(errno)) }
        let (near, far) = direction == .toChild ? (ends[1], ends[0]) : (ends[0], ends[1])
        _ = fcntl(near, F_SETFL, O_NONBLOCK)
        ours = Descriptor(near)
        childs = Descriptor(far)
    }
}
