import Glibc
import Processes
import Synchronization

/// Listens on `<state>/control.sock` for its owner's messages, on a thread of its own.
package final class ControlServer: Sendable {
    /// What clients said, in order; ends with `stop`. Messages that nobody takes are dropped beyond the newest sixteen,
    /// which say the same as all of them.
    package let messages: AsyncStream<ControlMessage>

    /// The end of a pipe: closing it ends the thread.
    private let wake: Int32
    private let isStopped = Mutex(false)

    /// Begins to listen. Only the holder of the state folder's lock may: a socket that is there is replaced.
    /// Throws where the socket cannot be made.
    package init(state: String) throws(ControlError) {
        let place = try ControlSocket(state: state)
        let listener = ControlSocket.make(Int32(SOCK_NONBLOCK.rawValue))
        var pipe: [Int32] = [-1, -1]
        guard listener >= 0, Glibc.pipe(&pipe) == 0, place.listen(listener) else {
            let cause = String(cString: strerror(errno))
            for descriptor in pipe + [listener] where descriptor >= 0 { close(descriptor) }
            throw ControlError(
                "the wake socket in \(state) cannot be made (\(cause))",
                advice: "make the state folder writable, on a file system that has sockets")
        }
        for descriptor in pipe { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        wake = pipe[1]
        let (stream, continuation) = AsyncStream.makeStream(
            of: ControlMessage.self, bufferingPolicy: .bufferingNewest(16))
        messages = stream
        let work = Work(place: place, listener: listener, wake: pipe[0], continuation: continuation)
        guard work.start() else {
            throw ControlError("no thread can be started for the wake socket", advice: "raise the limit of processes")
        }
    }

    deinit { stop() }

    /// Ends the thread and removes the socket's file. Doing it again does nothing.
    package func stop() {
        isStopped.withLock { isStopped in
            guard !isStopped else { return }
            isStopped = true
            close(wake)
        }
    }

    /// What the thread works with; owned by it alone once it runs.
    private final class Work: Sendable {
        let place: ControlSocket
        let listener: Int32
        let wake: Int32
        let continuation: AsyncStream<ControlMessage>.Continuation

        init(
            place: consuming ControlSocket, listener: Int32, wake: Int32,
            continuation: AsyncStream<ControlMessage>.Continuation
        ) {
            self.place = place
            self.listener = listener
            self.wake = wake
            self.continuation = continuation
        }

        /// The socket's file and every descriptor go with the thread.
        deinit {
            place.remove()
            close(listener)
            close(wake)
            continuation.finish()
        }

        func start() -> Bool {
            OwnThread.start {
                var loop = ControlLoop(listener: self.listener, wake: self.wake)
                loop.run { self.continuation.yield($0) }
            } == 0
        }
    }
}
