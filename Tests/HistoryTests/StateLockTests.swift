import FoundationEssentials
import Glibc
import History
import Testing

@Suite struct StateLockTests {
    @Test func onlyOneHolds() throws {
        let folder = try Folder()
        let state = folder.path + "/deep/state"
        #expect(StateLock.holder(of: state) == nil)
        let lock = try StateLock.acquire(folder: state, command: "reconcile run")
        #expect(!lock.wasUnclean)
        #expect(StateLock.holder(of: state) == LockHolder(pid: getpid(), command: "reconcile run"))
        let error = #expect(throws: StoreError.self) { try StateLock.acquire(folder: state, command: "other") }
        #expect(error?.code == .locked)
        #expect(error?.description.contains("process \(getpid()) (reconcile run)") == true)
        #expect(error?.description.contains("reconcile wake") == true)
        lock.release()
        lock.release()
        #expect(StateLock.holder(of: state) == nil)
        let next = try StateLock.acquire(folder: state, command: "third")
        #expect(!next.wasUnclean)
    }

    @Test func anotherProcessIsKeptOut() async throws {
        let folder = try Folder()
        let lock = try StateLock.acquire(folder: folder.path, command: "reconcile run")
        defer { lock.release() }
        await #expect(processExitsWith: .exitCode(7)) { [path = folder.path as String, pid = getpid() as Int32] in
            let isNamed = StateLock.holder(of: path)?.pid == pid
            do throws(StoreError) {
                _ = try StateLock.acquire(folder: path, command: "second")
            } catch {
                exit(isNamed && error.code == .locked ? 7 : 1)
            }
        }
    }

    @Test func aKilledHolderLeavesAMark() async throws {
        let folder = try Folder()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = folder.path as String] in
            let lock = try StateLock.acquire(folder: path, command: "victim")
            kill(getpid(), SIGKILL)
            lock.release()
        }
        #expect(StateLock.holder(of: folder.path) == nil)
        let lock = try StateLock.acquire(folder: folder.path, command: "heir")
        #expect(lock.wasUnclean)
        lock.release()
        #expect(try !StateLock.acquire(folder: folder.path, command: "third").wasUnclean)
    }

    @Test func asksDoNotKeepAHolderOut() async throws {
        let folder = try Folder()
        try StateLock.acquire(folder: folder.path, command: "once").release()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for _ in 0..<2000 { _ = StateLock.holder(of: folder.path) } }
            group.addTask {
                for _ in 0..<50 {
                    #expect(throws: Never.self) {
                        try StateLock.acquire(folder: folder.path, command: "taker").release()
                    }
                }
            }
        }
    }

    @Test func aLinkInPlaceOfTheLockIsNotFollowed() throws {
        let folder = try Folder()
        let victim = folder.path + "/victim"
        try "precious".write(toFile: victim, atomically: false, encoding: .utf8)
        symlink(victim, folder.path + "/lock")
        #expect(throws: StoreError.self) { try StateLock.acquire(folder: folder.path, command: "x") }
        #expect(try String(contentsOfFile: victim, encoding: .utf8) == "precious")
    }

    @Test func childrenDoNotInheritIt() throws {
        let folder = try Folder()
        let lock = try StateLock.acquire(folder: folder.path, command: "parent")
        var child: pid_t = 0
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("60"), nil]
        defer { arguments.forEach { free($0) } }
        try #require(posix_spawn(&child, "/bin/sleep", nil, nil, &arguments, nil) == 0)
        lock.release()
        let next = try? StateLock.acquire(folder: folder.path, command: "next")
        kill(child, SIGKILL)
        waitpid(child, nil, 0)
        #expect(next != nil)
    }
}
