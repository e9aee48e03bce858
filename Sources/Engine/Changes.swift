import Synchronization

/// The environments of which something changed. What comes while they are looked at is handed on together, a few times a
/// second at most. Engines tell of an end before they show it, so that everything is handed on twice more a little later.
final class Changes: AsyncSequence, Sendable {
    /// Whether each was told of, or is only to be looked at again.
    private let names = Mutex<[String: Bool]>([:])
    private let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation

    init() { (bell, ring) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func add(_ name: String) {
        names.withLock { $0[name] = true }
        ring.yield()
    }

    private func take() -> Set<String> {
        let taken = names.withLock { names in
            defer { names = [:] }
            return names
        }
        let news = taken.filter(\.value).keys
        if !news.isEmpty { Task { await repeatLater(Array(news)) } }
        return Set(taken.keys)
    }

    private func repeatLater(_ again: [String]) async {
        for pause in [500, 1500] {
            try? await Task.sleep(for: .milliseconds(pause))
            names.withLock { names in for name in again where names[name] == nil { names[name] = false } }
            ring.yield()
        }
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
            return changes.take()
        }
    }
}
