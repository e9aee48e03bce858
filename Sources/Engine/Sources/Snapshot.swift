import History
import Manifests
import Model

/// One revision of the source as every environment's pass sees it: listed once, whatever the number of environments.
struct Snapshot: Sendable {
    /// Names of files at the source's root that give environments their defaults.
    static let rootDefaults = ManifestParser.defaultNames

    let revision: Revision
    let tree: any SourceTree
    /// Environments by name; one of two folders with the same name is left out.
    let folders: [String: EnvironmentFolder]
    /// Folders that share their name with another.
    let duplicates: [String: [String]]
    /// What is at the root defaults and at every path that a known input names.
    private let ids: [String: String]

    init(_ revision: Revision, source: any Source, known: [EnvironmentRecord]) async throws(SourceError) {
        self.revision = revision
        tree = try await source.tree(at: revision.commit)
        let all = try await tree.environments(known: Set(known.compactMap { $0.input?.tree }))
        folders = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        duplicates = Dictionary(grouping: all, by: \.name).filter { $0.value.count > 1 }.mapValues { $0.map(\.path) }
        let paths = Set(known.flatMap { $0.input?.paths.keys.map { $0 } ?? [] }).union(Self.rootDefaults)
        ids = try await tree.ids(at: paths.sorted())
    }

    /// The root defaults that are there.
    var defaults: [String] { Self.rootDefaults.filter { ids[$0] != nil } }

    /// Whether an environment of this source has no folder any more.
    func lacks(_ record: EnvironmentRecord, source: String?) -> Bool {
        record.source == source && folders[record.name] == nil
    }

    /// Whether nothing that decided this input differs at this revision.
    func isUnchanged(_ input: Input, of name: String) -> Bool {
        guard folders[name]?.tree == input.tree else { return false }
        return input.paths.allSatisfy { ids[$0.key] == $0.value } && defaults.allSatisfy { input.paths[$0] != nil }
    }

    /// Fetches, and lists the newest revision there is; a failed fetch leaves the last one, and says why.
    /// `fetched` is what a fetch that was begun earlier brought.
    static func newest(
        of source: any Source, known: [EnvironmentRecord], fetched: Result<Revision, SourceError>? = nil
    ) async -> (Snapshot?, failure: String?) {
        let failure: String
        do throws(SourceError) {
            let revision: Revision
            if let fetched { revision = try fetched.get() } else { revision = try await source.fetch() }
            return (try await Snapshot(revision, source: source, known: known), nil)
        } catch {
            // A damaged mirror is found while it is read; the next fetch builds a new one.
            if error.code == .corrupt, let revision = try? await source.fetch(),
                let snapshot = try? await Snapshot(revision, source: source, known: known)
            {
                return (snapshot, nil)
            }
            failure = "\(error)"
        }
        do throws(SourceError) {
            guard let head = try await source.head() else { return (nil, failure) }
            return (try await Snapshot(head, source: source, known: known), failure)
        } catch {
            return (nil, failure)
        }
    }
}
