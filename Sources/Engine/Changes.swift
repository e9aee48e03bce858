import Synchronization

/// The environments of which something changed. What comes while they are looked at is handed on together, a few times a
/// second at most.
final class Changes: AsyncSequence, Sendable {
    private let names = Mutex<Set<String>>([])
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    init() { (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func add(_ name: String) {
        names.withLock { _ = $0.insert(name) }
        ring.yield()
    }

    func makeAsyncIterator() -> Iterator { Iterator(changes: self, bell: bell.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        let changes: Changes
        var bell: AsyncStream<Void>.Iterator
        private var isFirst = true

        init(changes: Changes, bell: AsyncStream<Void>.Iterator) {
            self.changes = changes
            self.bell = bell
        }

        /// Nil where the task was cancelled.
        mutating func next() async -> Set<String>? {
            if !isFirst { try? await Task.sleep(for: .milliseconds(250)) }
            isFirst = false
            guard await bell.next() != nil else { return nil }
            return changes.names.withLock { names in
                defer { names = [] }
                return names
            }
        }
    }
}
