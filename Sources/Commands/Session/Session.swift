import Engine
import History
import Model
import Processes

/// The right to change things: the state folder's lock and the record, opened in the one order that is safe.
struct Session: Sendable {
    let lock: StateLock
    let store: Store
    let journal: Journal

    /// Takes the lock, opens the record, and ends what a killed process left running. `command` is what others are told.
    /// Throws `StoreError`.
    static func open(_ settings: Settings, command: String) async throws(StoreError) -> Session {
        let (state, path) = (settings.state, settings.recordPath)
        let result = await OwnThread.run { () -> Result<Session, StoreError> in
            Result { () throws(StoreError) -> Session in
                let lock = try StateLock.acquire(folder: state, command: command)
                let store = try Store.open(path: path, readOnly: false)
                guard let journal = store.journal else {
                    throw StoreError(
                        .readOnly, "the record \(path) cannot be written", advice: "choose another --state")
                }
                if lock.wasUnclean { _ = Survivors.end(runID: store.stateID) }
                return Session(lock: lock, store: store, journal: journal)
            }
        }
        return try result.get()
    }

    /// A reconciler over this session. Throws `CommandFailure` or `StoreError`.
    func reconciler(_ settings: Settings, emit: @escaping EventSink) async throws -> Reconciler {
        try await reconciler(try parts(settings), settings, emit: emit)
    }

    /// The parts of a reconciler over this session.
    func parts(_ settings: Settings) throws(CommandFailure) -> Parts {
        try Parts(settings, runID: store.stateID, stateID: store.stateID)
    }

    /// As above, over parts that are there already; `only` are the environments that were named, all if nil.
    func reconciler(
        _ parts: Parts, _ settings: Settings, only: Set<String>? = nil, emit: @escaping EventSink
    ) async throws(StoreError) -> Reconciler {
        try await Reconciler(
            Reconciler.Make(
                store: store, journal: journal, drivers: parts.drivers, runner: parts.runner, checker: parts.checker,
                baseEnvironment: parts.baseEnvironment, emit: emit),
            sources: parts.sources, settings: settings.engine(only: only))
    }

    /// Closes the record and gives the lock back.
    func close() async {
        await OwnThread.run {
            store.close()
            lock.release()
        }
    }

    /// The record for reading; nil where there is none yet. Throws `StoreError`.
    static func reader(_ settings: Settings) throws(StoreError) -> Store? {
        do throws(StoreError) {
            return try Store.open(path: settings.recordPath, readOnly: true)
        } catch {
            if error.code == .missing { return nil }
            throw error
        }
    }

    /// The record for reading. Throws `StoreError` where there is none yet.
    static func record(_ settings: Settings) throws(StoreError) -> Store {
        try Store.open(path: settings.recordPath, readOnly: true)
    }
}
