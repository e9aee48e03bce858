/// Sees to it that no two sources work on one environment, and hands one over when its folder moved.
actor Claims {
    /// Lets go of an environment; returns when nothing is done to it any more.
    typealias Release = @Sendable (String) async -> Void

    private let names: [String?]
    private var ownership: Ownership
    /// The source that works on each, by its place.
    private var holders: [String: Int]
    private var releases: [Int: Release] = [:]
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var isOver = false

    /// `recorded` says for which source each environment was last recorded, `holders` which works on it at first.
    init(_ names: [String?], recorded: [String: Int], holders: [String: Int]) {
        self.names = names
        ownership = Ownership(sources: names.count, recorded: recorded)
        self.holders = holders
    }

    /// How a source is made to let go.
    func register(_ source: Int, _ release: @escaping Release) { releases[source] = release }

    /// A source was looked at; nil where it could not be read.
    func saw(_ environments: Set<String>?, in source: Int) {
        ownership.saw(environments, in: source)
        wake()
    }

    /// Whether anything more has to be looked at before it is known whose this is.
    func isOpen(_ environment: String) -> Bool { !isOver && ownership.owner(of: environment) == nil }

    /// Returns when it is known whose an environment is.
    func settled(_ environment: String) async {
        while isOpen(environment) { await withCheckedContinuation { waiting.append($0) } }
    }

    /// Takes an environment for a source. Waits until it is known whose it is, and until nobody else works on it.
    /// False where it is another's.
    func take(_ environment: String, for source: Int) async -> Bool {
        await settled(environment)
        guard !isOver, ownership.owner(of: environment) == source else { return false }
        if let holder = holders[environment], holder != source { await releases[holder]?(environment) }
        holders[environment] = source
        ownership.give(environment, to: source)
        return true
    }

    /// What a source has that is another's, each with the owner's name.
    func foreign(_ environments: some Collection<String> & Sendable, for source: Int) -> [(
        name: String, owner: String?
    )] {
        environments.sorted().compactMap { name in
            guard let owner = ownership.owner(of: name), owner != source else { return nil }
            return (name, names[owner])
        }
    }

    /// An environment is no longer watched.
    func forget(_ environment: String) {
        holders[environment] = nil
        ownership.forget(environment)
    }

    /// Nobody is made to wait any more, and nothing is given out.
    func end() {
        isOver = true
        wake()
    }

    private func wake() {
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}
