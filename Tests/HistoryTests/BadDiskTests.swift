import FoundationEssentials
import GRDB
import Glibc
import Model
import Testing

@testable import History

@Suite struct BadDiskTests {
    private let command = CommandRecord(
        purpose: "apply", status: "exit 0", duration: .zero, output: String(repeating: "y", count: 60_000))

    @Test func aFullDiskFailsTheGroupAndHealsByItself() async throws {
        let folder = try Folder()
        guard let mount = Mount("none", on: folder.path, type: "tmpfs", options: "size=2m") else { return }
        defer { withExtendedLifetime(mount) {} }
        let store = try folder.open()
        defer { store.close() }
        try await store.begin(reconcile(1), steps: 1)
        let ballast = folder.path + "/ballast"
        try fill(ballast)

        var error: StoreError?
        var recorded = 0
        for _ in 0..<60 where error == nil {
            do {
                try await store.log.commit([
                    .output(reconcile: 1, step: 1, command, at: noon),
                    .output(reconcile: 1, step: 1, command, at: noon),
                ])
                recorded += 2
            } catch let failure as StoreError {
                error = failure
            }
        }
        #expect(error?.code == .full)
        #expect(error?.description.contains("is full") == true)
        #expect(try await store.outputs(1).count == recorded)

        unlink(ballast)
        try await store.log.commit([.step(reconcile: 1, id: 1, state: .done, at: noon, detail: nil)])
        #expect(try await store.steps(1).map(\.state) == [.done])
        #expect(try await store.integrityCheck() == [])
    }

    @Test func openingOnAFullDiskSaysSo() throws {
        let folder = try Folder()
        guard let mount = Mount("none", on: folder.path, type: "tmpfs", options: "size=64k") else { return }
        defer { withExtendedLifetime(mount) {} }
        try fill(folder.path + "/ballast")
        let error = #expect(throws: StoreError.self) { try folder.open() }
        #expect(error?.code == .full)
        let refused = #expect(throws: StoreError.self) { try StateLock.acquire(folder: folder.path, command: "x") }
        #expect(refused?.code == .full)
    }

    @Test func aFullFileFailsEveryoneInTheGroup() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let journal = try store.log
        try await store.begin(reconcile(1), steps: 1)
        try await store.limit(more: 5)
        let codes = await withTaskGroup(of: StoreError.Code?.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    do throws(StoreError) {
                        try await journal.commit([.output(reconcile: 1, step: 1, command, at: noon)])
                        return nil
                    } catch {
                        return error.code
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes == Array(repeating: .full, count: 10))
        #expect(try await store.outputs(1).isEmpty)
        try await store.limit(more: 100_000)
        try await journal.commit([.output(reconcile: 1, step: 1, command, at: noon)])
        #expect(try await store.outputs(1).count == 1)
    }

    /// What another one records next takes it along, and fails.
    @Test func whatWasStagedAndLostSaysWhy() async throws {
        let folder = try Folder()
        let store = try folder.open()
        defer { store.close() }
        let journal = try store.log
        try await store.begin(reconcile(1), steps: 1)
        try await store.limit(more: 5)
        let staged = try journal.stage([
            .begin(reconcile(2, "production"), changes: [], steps: [step(1)], rollout: "")
        ])
        await #expect(throws: StoreError.self) {
            try await journal.commit([.output(reconcile: 1, step: 1, command, at: noon)])
        }
        try await store.limit(more: 100_000)
        let own = await #expect(throws: StoreError.self) {
            try await journal.commit([.step(reconcile: 2, id: 1, state: .running, at: noon, detail: nil)])
        }
        #expect(own?.code == .rejected && staged.failure?.code == .full)
        try await journal.flush()
        #expect(try await store.reconcile(2) == nil, "what is lost does not come later")
        try journal.stage([.begin(reconcile(3, "production"), changes: [], steps: [step(1)], rollout: "")])
        try await journal.commit([.step(reconcile: 3, id: 1, state: .running, at: noon, detail: nil)])
        #expect(try await store.steps(3).map(\.state) == [.running])
    }

    @Test(arguments: [true, false]) func aReadOnlyFolderCanBeRead(_ hasLog: Bool) async throws {
        let folder = try Folder()
        let state = folder.path + "/a ?#%26b"
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: false)
        let path = state + "/reconcile.sqlite"
        let first = try Store.open(path: path, readOnly: false)
        try await first.begin(reconcile(1))
        first.close()
        if !hasLog {
            let last = try DatabaseQueue(path: path)
            try await last.write { try $0.execute(sql: "DELETE FROM requests") }
            try last.close()
        }
        #expect(FileManager.default.fileExists(atPath: path + "-wal") == hasLog)
        guard let mount = Mount(state, on: state, flags: Int(MS_BIND)), mount.makeReadOnly() else { return }
        defer { withExtendedLifetime(mount) {} }

        let store = try Store.open(path: path, readOnly: true)
        #expect(try await store.history().map(\.id) == [1])
        store.close()
        let lock = #expect(throws: StoreError.self) { try StateLock.acquire(folder: state, command: "x") }
        #expect(lock?.code == .readOnly)
        let error = #expect(throws: StoreError.self) { try Store.open(path: path, readOnly: false) }
        #expect(error?.code == .readOnly)
    }

    @Test func readersAndAWriterDoNotWaitForEachOther() async throws {
        let folder = try Folder()
        let store = try folder.open()
        let other = try Store.open(path: folder.record, readOnly: true)
        defer {
            other.close()
            store.close()
        }
        #expect(other.journal == nil)
        for id in 1...20 {
            try await store.begin(reconcile(id))
            #expect(try await other.history(limit: 1).map(\.id) == [id])
        }
        let error = await #expect(throws: StoreError.self) {
            try await other.addRequest(.wake, environment: "", at: noon)
        }
        #expect(error?.code == .readOnly)
    }

    @Test func aDamagedFileSaysSo() async throws {
        let folder = try Folder()
        let store = try folder.open()
        for id in 1...50 { try await store.begin(reconcile(id), steps: 5) }
        try await store.withoutTransaction { _ = try Row.fetchAll($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
        store.close()
        let file = Glibc.open(folder.record, O_WRONLY)
        for page in 2..<40 { pwrite(file, [UInt8](repeating: 0xA5, count: 512), 512, off_t(page * 4096)) }
        Glibc.close(file)
        do throws(StoreError) {
            let damaged = try Store.open(path: folder.record, readOnly: true)
            defer { damaged.close() }
            let found = try await damaged.integrityCheck()
            #expect(!found.isEmpty)
        } catch {
            #expect(error.code == .corrupt)
        }
    }

    private func fill(_ path: String) throws {
        let file = Glibc.open(path, O_WRONLY | O_CREAT, 0o600)
        try #require(file >= 0)
        defer { Glibc.close(file) }
        while write(file, [UInt8](repeating: 0, count: 4096), 4096) == 4096 {}
    }
}

extension Store {
    /// Lets the file grow by so many pages and no more.
    fileprivate func limit(more pages: Int) async throws {
        try await withoutTransaction { db in
            let now = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            _ = try Row.fetchAll(db, sql: "PRAGMA max_page_count = \(now + pages)")
        }
    }
}
