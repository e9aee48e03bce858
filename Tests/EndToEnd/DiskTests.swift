import Foundation
import Glibc
import Processes
import TestSupport
import Testing

/// Full and read-only disks, damaged mirrors, two processes: a clear error, nothing half-recorded, and it goes on after.
@Suite struct DiskTests {
    private func mount(_ arguments: String...) async -> Bool {
        await ProcessRunner().run(Command("mount", arguments, environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]))
            .succeeded
    }

    private func unmount(_ path: String) async {
        _ = await ProcessRunner().run(
            Command("umount", ["-l", path], environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]))
    }

    @Test func aFullDiskIsAClearErrorAndNothingIsHalfRecorded() async throws {
        try await World.with { world in
            try FileManager.default.createDirectory(atPath: world.state, withIntermediateDirectories: true)
            guard await mount("-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", world.state) else {
                print("skipped: a tmpfs cannot be mounted here")
                return
            }
            do {
                try await world.repository.commit([
                    "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
                ])
                #expect(await world.pass().status == 0)
                try await world.repository.commit(["staging/web.yaml": world.workload(version: "2")])
                _ = await world.reconcile("--dry-run")
                let filler = world.state + "/filler"
                _ = await ProcessRunner().run(
                    Command("/bin/sh", ["-c", "cat /dev/zero >\"$0\"", filler], environment: ["PATH": "/usr/bin:/bin"]))
                let full = await world.pass()
                #expect(
                    full.status == 1 && (full.output + full.errors).contains("full"), "\(full.output) \(full.errors)")
                #expect(world.version("web-1") == "1", "nothing is done that cannot be recorded")
                try FileManager.default.removeItem(atPath: filler)
                let after = await world.pass()
                #expect(after.status == 0 && world.version("web-1") == "2", "\(after.output) \(after.errors)")
                #expect(try await world.sql("SELECT count(*) FROM reconciles WHERE outcome IS NULL") == ["0"])
                #expect(try await world.sql("PRAGMA integrity_check") == ["ok"])
            } catch {
                await unmount(world.state)
                throw error
            }
            await unmount(world.state)
        }
    }

    @Test func theLoopLivesThroughAFullDisk() async throws {
        try await World.with { world in
            try FileManager.default.createDirectory(atPath: world.state, withIntermediateDirectories: true)
            guard await mount("-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", world.state) else {
                print("skipped: a tmpfs cannot be mounted here")
                return
            }
            do {
                try await world.repository.commit([
                    "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
                ])
                let loop = try await Background.run(world)
                try await world.applied(1)
                let filler = world.state + "/filler"
                _ = await ProcessRunner().run(
                    Command("/bin/sh", ["-c", "cat /dev/zero >\"$0\"", filler], environment: ["PATH": "/usr/bin:/bin"]))
                try await world.repository.commit(["staging/web.yaml": world.workload(version: "2")])
                #expect(await world.reconcile("wake").status == 0)
                try await eventually("the loop says that the disk is full") { loop.said.contains("is full") }
                #expect(world.version("web-1") == "1")
                try FileManager.default.removeItem(atPath: filler)
                #expect(await world.reconcile("wake").status == 0)
                try await eventually("version 2 runs") { world.version("web-1") == "2" }
                #expect(await loop.end().status == 0)
            } catch {
                await unmount(world.state)
                throw error
            }
            await unmount(world.state)
        }
    }

    /// Nothing of it is in the record, and its first rollout does not come to be there.
    @Test func aNewEnvironmentBeginsAfterARecordThatWasBusy() async throws {
        try await World.with { world in
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
            ])
            let loop = try await Background.run(world)
            do {
                try await world.applied(1)
                let free = world.root + "/free"
                let holds = Command(
                    "/bin/sh",
                    [
                        "-c",
                        "{ echo '.timeout 60000\nBEGIN IMMEDIATE;\n.print held'; until test -e \"$1\"; do sleep 0.1; done; } | sqlite3 \"$0\" >\"$1.held\"",
                        world.state + "/reconcile.sqlite", free,
                    ], environment: ["PATH": "/usr/bin:/bin"])
                async let holder = ProcessRunner().run(holds)
                try await eventually("somebody writes to the record") { world.read("free.held") == "held\n" }
                try await world.repository.commit([
                    "production/environment.yaml": World.environment(), "production/web.yaml": world.workload(),
                ])
                #expect(await world.reconcile("wake").status == 0)
                try await eventually("the loop says so") { loop.said.contains("another process is writing") }
                try "".write(toFile: free, atomically: true, encoding: .utf8)
                _ = await holder
                #expect(await world.reconcile("wake").status == 0)
                try await world.applied(2)
                #expect(world.version("web-1", in: "production") == "1")
                #expect(!loop.said.contains("is not in the record"), "\(loop.said)")
            } catch {
                await loop.end()
                throw error
            }
            #expect(await loop.end().status == 0)
        }
    }

    @Test func aReadOnlyStateFolderIsAClearError() async throws {
        try await World.with { world in
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
            ])
            #expect(await world.pass().status == 0)
            guard await mount("--bind", world.state, world.state), await mount("-o", "remount,bind,ro", world.state)
            else {
                print("skipped: a read-only mount cannot be made here")
                return
            }
            try await world.repository.commit(["staging/web.yaml": world.workload(version: "2")])
            let run = await world.pass()
            let status = await world.reconcile("status")
            await unmount(world.state)
            #expect(
                run.status == 1 && (run.output + run.errors).lowercased().contains("read-only"),
                "\(run.output) \(run.errors)")
            #expect(world.version("web-1") == "1")
            #expect(status.status == 0 && status.output.contains("staging"), "reading works: \(status.errors)")
            #expect(await world.pass().status == 0)
        }
    }

    @Test func aDamagedMirrorIsRebuilt() async throws {
        try await World.with { world in
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(),
            ])
            #expect(await world.pass().status == 0)
            let objects = world.state + "/mirror/objects"
            let files = FileManager.default.enumerator(atPath: objects)?.compactMap { $0 as? String } ?? []
            for file in files {
                chmod(objects + "/" + file, 0o644)
                try? Data("damaged".utf8).write(to: URL(filePath: objects + "/" + file))
            }
            try await world.repository.commit(["staging/web.yaml": world.workload(version: "2")])
            let run = await world.pass()
            #expect(run.status == 0 && world.version("web-1") == "2", "\(run.output) \(run.errors)")
        }
    }

    @Test func twoPassesOnOneStateFolderDoNotMeet() async throws {
        try await World.with { world in
            let waits = "touch \"$ROOT/begun\"; until test -e \"$ROOT/go\"; do sleep 0.1; done"
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": world.workload(before: waits),
            ])
            async let first = world.pass()
            try await eventually("the first one is busy") { world.read("live/begun") != nil }
            let second = await world.pass()
            #expect(second.status == 1 && second.errors.contains("process"), "\(second.errors)")
            #expect(await world.reconcile("--dry-run", "-o", "json").status == 0, "a dry run takes no lock")
            try "".write(toFile: world.live + "/go", atomically: true, encoding: .utf8)
            #expect(await first.status == 0)
            #expect(world.acts == ["apply web-1 1"])
        }
    }
}
