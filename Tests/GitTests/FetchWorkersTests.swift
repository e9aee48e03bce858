import FoundationEssentials
import Git
import Glibc
import Model
import Processes
import Testing
import TestSupport

@Suite struct FetchWorkersTests {
    /// Workers that each write their number down before they become ours.
    private static func workers(_ fixture: Fixture, _ script: String? = nil, limit: Int = 16) throws -> FetchWorkers {
        let file = fixture.folder + "/worker"
        let text = script ?? "echo $$ >>\"\(fixture.folder)/started\"\nexec \"\(TestBinary.path)\" \"$@\""
        try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(filePath: file))
        chmod(file, 0o755)
        return FetchWorkers(executable: file, runner: ProcessRunner(), limit: limit)
    }

    private static func started(_ fixture: Fixture) throws -> [pid_t] {
        let text = (try? String(contentsOf: URL(filePath: fixture.folder + "/started"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { pid_t($0) }
    }

    @Test func oneWorkerServesFetchesThatFollowEachOther() async throws {
        try await Fixture.with { fixture in
            try await GitDaemon.serve(fixture.folder + "/source") { address in
                var workers: FetchWorkers? = try FetchWorkersTests.workers(fixture)
                var source: GitSource? = fixture.source(address + "/repo", workers: workers)
                // The first is asked alone: nobody knows whether another will follow.
                _ = try await source?.fetch()
                let alone = try #require(try FetchWorkersTests.started(fixture).first)
                #expect(kill(alone, 0) != 0)
                // On a loaded machine some may follow too late to be served by the same.
                for number in 0..<8 {
                    let commit = try await fixture.repository.commit(["a": "\(number)"])
                    #expect(try await source?.fetch().commit == commit)
                    #expect(try await source?.fetch().commit == commit)
                    let missing = fixture.source(address + "/nowhere", workers: workers)
                    #expect(await missing.fetchFailure()?.code == .repositoryMissing)
                }
                let started = try FetchWorkersTests.started(fixture)
                #expect(started.count < 13, "\(started.count) workers served 25 requests")

                // One that dies while it is idle is replaced, and nobody hears of it.
                if let last = started.last { kill(last, SIGKILL) }
                #expect(try await source?.fetch().subject == "A change")
                source = nil
                workers = nil
                let all = try FetchWorkersTests.started(fixture)
                let deadline = ContinuousClock.now + .seconds(60)
                while all.contains(where: { kill($0, 0) == 0 }), ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(20))
                }
                #expect(all.allSatisfy { kill($0, 0) != 0 }, "workers outlive whoever used them")
            }
        }
    }

    @Test func aWorkerThatHangsIsEndedAtItsDeadlineAndReplaced() async throws {
        try await Fixture.with { fixture in
            let workers = try FetchWorkersTests.workers(fixture)
            try await HostileServer.run(.silent) { server in
                let silent = fixture.source(
                    "git://127.0.0.1:\(server.port)/x", timeout: TimeSpan(milliseconds: 400), workers: workers)
                for _ in 0..<3 { #expect(await silent.fetchFailure()?.code == .timeout) }
            }
            #expect(try FetchWorkersTests.started(fixture).allSatisfy { kill($0, 0) != 0 })
            let head = try await fixture.repository.head()
            #expect(try await fixture.source(workers: workers).fetch().commit == head)
        }
    }

    @Test func noMoreThanTheLimitRunTogether() async throws {
        try await Fixture.with { fixture in
            let lock = fixture.folder + "/lock"
            let workers = try FetchWorkersTests.workers(
                fixture, "mkdir \"\(lock)\" || exit 9; sleep 0.05; rmdir \"\(lock)\"; exit 3", limit: 1)
            let errors = await withTaskGroup(of: SourceError?.self) { group in
                for _ in 0..<6 { group.addTask { await fixture.source(workers: workers).fetchFailure() } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(errors.allSatisfy { $0?.message.contains("exit status 3") == true }, "\(errors)")
        }
    }

    @Test func whatAWorkerSaysIsNotTrusted() async throws {
        try await Fixture.with { fixture in
            for (script, wanted) in [
                ("echo nonsense", "its answer makes no sense"), ("echo '{}'", "its answer makes no sense"),
                ("head -c 3000000 /dev/zero; sleep 60", "its answer is too long"),
                ("kill -SEGV $$", "it was ended by signal 11"), ("exec 1>&-; sleep 0.1; exit 4", "exit status 4"),
            ] {
                let error = await fixture.source(workers: try FetchWorkersTests.workers(fixture, script)).fetchFailure()
                #expect(error?.code == .failed)
                #expect(error?.message.contains(wanted) == true, "\(script): \(String(describing: error))")
            }
        }
    }
}
