import Foundation
import Glibc
import TestSupport
import Testing

/// The `files` of workloads in the state folder: written by many processes at once, and cleared away.
@Suite struct MaterialsTests {
    private func folders(_ world: World) -> Set<String> {
        Set((try? FileManager.default.contentsOfDirectory(atPath: world.state + "/files")) ?? [])
    }

    /// A workload that cannot be seen without its files.
    private func workload(_ world: World) -> String {
        world.workload(shell: "  files: [tools/]").replacingOccurrences(
            of: "observe: cat", with: "observe: test -s tools/last && cat")
    }

    private func age(_ path: String) {
        var times = [timespec](repeating: timespec(tv_sec: time(nil) - 7200, tv_nsec: 0), count: 2)
        utimensat(AT_FDCWD, path, &times, 0)
    }

    @Test func manyDryRunsWriteTheSameFilesAtOnce() async throws {
        try await World.with { world in
            var files = [
                "staging/environment.yaml": World.environment(), "staging/web.yaml": workload(world), "tools/last": "x",
            ]
            for number in 0..<200 { files["tools/\(number)"] = "content \(number)\n" }
            try await world.repository.commit(files)
            #expect(await world.reconcile("--dry-run", "--path", "tools").status == 0, "the mirror is there")
            let runs = await withTaskGroup(of: World.Run.self) { group in
                for _ in 0..<6 { group.addTask { await world.pass("--dry-run") } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for run in runs {
                #expect(try run.status == 0 && run.outcome("staging") == "planned", "\(run.output) \(run.errors)")
            }
            #expect(folders(world).count == 1 && !folders(world).contains { $0.contains(".") }, "\(folders(world))")
        }
    }

    @Test func draftsOfKilledProcessesAreRemovedAndThoseOfOthersAreNot() async throws {
        try await World.with { world in
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
            ])
            let (dead, live) = (world.state + "/files/00ff.1-dead", world.state + "/files/00ff.1-live")
            for draft in [dead, live] {
                try FileManager.default.createDirectory(atPath: draft + "/sub", withIntermediateDirectories: true)
                try Data("half".utf8).write(to: URL(filePath: draft + "/sub/file"))
                chmod(draft + "/sub", 0o555)
            }
            let held = open(live, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            defer { close(held) }
            #expect(flock(held, LOCK_SH) == 0)
            #expect(await world.pass().status == 0)
            #expect(!folders(world).contains("00ff.1-dead") && folders(world).contains("00ff.1-live"))
        }
    }

    @Test func whatNothingNeedsAndNobodyAskedForIsRemoved() async throws {
        try await World.with { world in
            let git = world.repository
            try await git.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": workload(world), "tools/last": "1",
            ])
            #expect(await world.pass().status == 0)
            let first = folders(world)
            try await git.commit(["tools/last": "2"])
            #expect(try await world.pass("--dry-run").outcome("staging") == "planned")
            let onlyPlanned = folders(world).subtracting(first)
            #expect(first.count == 1 && onlyPlanned.count == 1)
            try await git.commit(["tools/last": "3"])
            #expect(await world.pass().status == 0)
            #expect(folders(world).isSuperset(of: onlyPlanned), "somebody may just be using it")
            for folder in folders(world) { age(world.state + "/files/" + folder) }
            try await git.commit(["tools/last": "4"])
            #expect(await world.pass().status == 0)
            #expect(folders(world).isDisjoint(with: onlyPlanned), "nothing that is recorded needs it")
            #expect(folders(world).isSuperset(of: first) && folders(world).count == 3, "the last good ones are kept")
        }
    }
}
