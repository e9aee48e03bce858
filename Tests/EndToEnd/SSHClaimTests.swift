import Foundation
import Glibc
import Model
import Processes
import TestSupport
import Testing

extension SSHTests {
    /// What two environments want of one host.
    @Suite struct ClaimTests {
        @Test func twoEnvironmentsThatHaveTheSameFileAreRefused() async throws {
            try await SSHWorld.with(1) { here in
                try await here.commit("1")
                for name in ["environment", "web"] {
                    let text = try String(
                        contentsOfFile: here.world.repository.path + "/staging/\(name).yaml", encoding: .utf8)
                    try await here.world.repository.commit(["production/\(name).yaml": text])
                }
                let found = await here.world.run(["validate", here.world.repository.path])
                #expect(found.status == 1, "\(found.output) \(found.errors)")
                #expect(
                    (found.output + found.errors).contains("web and web of the environment production both have"),
                    "\(found)")
            }
        }

        /// A pass refuses what comes later, whatever it is called, and goes on with all else.
        @Test func anEnvironmentTakesNoFileOfAnother() async throws {
            try await SSHWorld.with(1) { here in
                try await here.commit("1")
                #expect(await here.pass().status == 0)
                for name in ["environment", "web"] {
                    let text = try String(
                        contentsOfFile: here.world.repository.path + "/staging/\(name).yaml", encoding: .utf8)
                    try await here.world.repository.commit([
                        "another/\(name).yaml": text.replacing("content: \"1", with: "content: \"9")
                    ])
                }
                let dry = await here.pass("--dry-run")
                #expect(dry.status == 1 && (try? dry.outcome("another")) == "error", "\(dry.output) \(dry.errors)")
                #expect(dry.output.contains("of the environment staging both have"), "\(dry.output)")
                for _ in 1...2 {
                    let pass = await here.pass()
                    #expect(
                        pass.status == 1 && (try? pass.outcome("another")) == "error", "\(pass.output) \(pass.errors)")
                    #expect(try pass.outcome("staging") == "in-sync", "\(pass.output)")
                    #expect(pass.output.contains("of the environment staging both have"), "\(pass.output)")
                    #expect(await here.versions() == "1")
                }
                // Where it has what the other wants no longer, the other gets it: at once, or with the next pass.
                let path = "staging/web.yaml"
                let text = try String(contentsOfFile: here.world.repository.path + "/" + path, encoding: .utf8)
                try await here.world.repository.commit([path: text.replacing("ROOT }}/app", with: "ROOT }}/other")])
                for _ in 1...2 where await here.versions() != "9" { _ = await here.pass() }
                let last = await here.pass()
                #expect(last.status == 0, "\(last.output) \(last.errors)")
                #expect(await here.versions() == "9")
                #expect(await here.read("other/version", on: "h0") == "1")
            }
        }

        /// The loop keeps them apart, too, where both are new.
        @Test func theLoopLetsOneOfTwoHaveAFile() async throws {
            try await SSHWorld.with(1) { here in
                try await here.commit("1", policy: "interval: 1s")
                var files: [String: String] = [:]
                for name in ["environment", "web"] {
                    let text = try String(
                        contentsOfFile: here.world.repository.path + "/staging/\(name).yaml", encoding: .utf8)
                    files["another/\(name).yaml"] = text.replacing("content: \"1", with: "content: \"9")
                }
                try await here.world.repository.commit(files)
                let loop = try await Background.run(here.world)
                do {
                    try await eventually("one has it, and the other does not") {
                        let status = await here.world.reconcile("status", "-o", "json").output
                        return status.contains("both have") && status.contains("in-sync")
                    }
                    let version = await here.versions()
                    try await Task.sleep(for: .seconds(4))
                    #expect(await here.versions() == version)
                    #expect(await here.acts() == ["h0 \(version)"])
                } catch {
                    await loop.end()
                    throw error
                }
                await loop.end()
            }
        }

        /// The way back would lead to a file that another environment has taken since.
        @Test func aRollbackTakesNoFileOfAnother() async throws {
            try await SSHWorld.with(1) { here in
                try await here.commit("1")
                #expect(await here.pass().status == 0)
                let first = try await here.world.repository.git("rev-parse", "HEAD")
                let old = try manifests(of: "staging", here)
                try await here.world.repository.commit(
                    old.mapValues { $0.replacing("ROOT }}/app", with: "ROOT }}/other") })
                #expect(await here.pass().came(0, "applied"))
                try await take(old, as: "another", here)
                let taken = await here.pass()
                #expect(taken.status == 0, "\(taken.output) \(taken.errors)")
                #expect(await here.versions() == "9")
                for arguments in [
                    ["rollback", "staging"],
                    ["rollback", "staging", "--to", first.trimmingCharacters(in: .whitespacesAndNewlines)],
                ] {
                    let back = await here.world.reconcile(arguments)
                    #expect(back.status != 0, "\(back.output) \(back.errors)")
                    #expect(
                        (back.output + back.errors).contains("web and web of the environment another both have"),
                        "\(back.output) \(back.errors)")
                    #expect((back.output + back.errors).contains("cannot go back to"), "\(back)")
                    #expect(await here.versions() == "9")
                }
                let last = await here.pass()
                #expect(last.status == 0 && last.came(0, "in-sync"), "\(last.output) \(last.errors)")
                #expect(await here.read("other/version", on: "h0") == "1")
            }
        }

        /// What runs is good, and has to be brought about again after a rollout that was superseded. Where that fails, the last
        /// good one before it names a file that another environment has taken since.
        @Test func theWayBackTakesNoFileOfAnother() async throws {
            try await SSHWorld.with(1) { here in
                try await here.commit("1", deadline: "20s")
                #expect(await here.pass().came(0, "applied"))
                let old = try manifests(of: "staging", here)
                let new = old.mapValues { $0.replacing("ROOT }}/app", with: "ROOT }}/other") }
                try await here.world.repository.commit(new)
                #expect(await here.pass().came(0, "applied"))
                try await take(old, as: "another", here)
                #expect(await here.pass().status == 0)
                try await here.write("refuses", "9\n", on: "h0")
                try await here.world.repository.commit(
                    new.mapValues { $0.replacing("content: \"1", with: "content: \"3") })
                async let third = here.pass()
                try await eventually("it is begun") { await here.read("other/version", on: "h0") == "3" }
                #expect(await here.world.reconcile("pause", "staging").status == 0)
                #expect(try await third.outcome("staging") == "paused")
                try await here.world.repository.commit(new)
                let resumed = await here.world.reconcile("resume", "staging")
                #expect(resumed.status == 0, "\(resumed.output) \(resumed.errors)")
                let failed = await here.pass()
                #expect(failed.came(1, "failed"), "\(failed.output) \(failed.errors)")
                let reason = try failed.environment("staging")["reason"] as? String ?? ""
                #expect(reason.contains("no way back to") && reason.contains("of the environment another"), "\(reason)")
                #expect(await here.versions() == "9")
                let held = await here.pass()
                #expect(try held.outcome("staging") == "held", "\(held.output) \(held.errors)")
                #expect(try held.outcome("another") == "in-sync", "\(held.output) \(held.errors)")
                #expect(await here.versions() == "9")
            }
        }

        /// Whoever held it knew nothing of others' files.
        @Test func aHoldsRepairTakesNoFileOfAnother() async throws {
            try await SSHWorld.with(1) { here in
                try await here.commit("1")
                #expect(await here.pass().came(0, "applied"))
                let old = try manifests(of: "staging", here)
                try await here.world.repository.commit(
                    old.mapValues { $0.replacing("ROOT }}/app", with: "ROOT }}/other") })
                #expect(await here.pass().came(0, "applied"))
                try await take(old, as: "another", here)
                #expect(await here.pass().status == 0)
                try await here.world.write(
                    """
                    UPDATE environments SET body = json_set(body, '$.hold', json_object(
                        'kind', 'pinned', 'reason', 'pinned', 'since', 1772366400000, 'target',
                        (SELECT input FROM inputs WHERE environment = 'staging' ORDER BY rowid LIMIT 1)))
                    WHERE name = 'staging'
                    """)
                for _ in 1...2 {
                    let held = await here.pass()
                    #expect(held.came(1, "error"), "\(held.output) \(held.errors)")
                    let reason = try held.environment("staging")["reason"] as? String ?? ""
                    #expect(reason.contains("held at") && reason.contains("nothing is repaired there"), "\(reason)")
                    #expect(reason.contains("web and web of the environment another both have"), "\(reason)")
                    #expect(try held.outcome("another") == "in-sync", "\(held.output)")
                    #expect(await here.versions() == "9")
                }
                #expect(await here.world.reconcile("resume", "staging").status == 0)
                let last = await here.pass()
                #expect(last.came(0, "in-sync"), "\(last.output) \(last.errors)")
                #expect(await here.read("other/version", on: "h0") == "1")
            }
        }

        /// What it has is recorded under the name that it had before.
        @Test func aRenamedEnvironmentIsToldTheWayOut() async throws {
            try await SSHWorld.with(1) { here in
                try await here.commit("1")
                #expect(await here.pass().status == 0)
                let old = try manifests(of: "staging", here)
                for path in old.keys { try here.world.repository.remove(path) }
                try await take(old, as: "stage", here)
                for arguments in [["--dry-run"], []] {
                    let refused = await here.world.reconcile(arguments + ["-o", "json"])
                    #expect((try? refused.outcome("stage")) == "error", "\(refused.output) \(refused.errors)")
                    let reason = try refused.environment("stage")["reason"] as? String ?? ""
                    #expect(reason.contains("both have") && reason.contains("`reconcile forget staging`"), "\(reason)")
                }
                #expect(await here.world.reconcile("forget", "staging").status == 0)
                let pass = await here.pass()
                #expect(pass.status == 0, "\(pass.output) \(pass.errors)")
                #expect(await here.versions() == "9")
            }
        }

        /// Two sites number their networks alike: other machines answer behind the other jump host.
        @Test func theSameAddressBehindAnotherJumpHostIsAnother() async throws {
            try await SSHWorld.with(1) { here in
                try await here.commit("1")
                #expect(await here.pass().status == 0)
                let old = try manifests(of: "staging", here)
                try await take(
                    old.mapValues { $0.replacing("user: root,", with: "user: root, jump: nobody.invalid,") },
                    as: "another", here)
                let found = await here.world.run(["validate", here.world.repository.path])
                #expect(found.status == 0, "\(found.output) \(found.errors)")
                let pass = await here.pass()
                #expect(pass.status == 1 && !pass.output.contains("both have"), "\(pass.output)")
            }
        }

        /// The text of an environment's files by their paths.
        private func manifests(of name: String, _ here: SSHWorld) throws -> [String: String] {
            try ["environment", "web"].reduce(into: [:]) { all, file in
                let path = "\(name)/\(file).yaml"
                all[path] = try String(contentsOfFile: here.world.repository.path + "/" + path, encoding: .utf8)
            }
        }

        /// Commits staging's files as another environment's, with version 9.
        private func take(_ files: [String: String], as name: String, _ here: SSHWorld) async throws {
            try await here.world.repository.commit(
                files.reduce(into: [:]) { all, file in
                    all[file.key.replacing("staging/", with: "\(name)/")] = file.value.replacing(
                        "content: \"1", with: "content: \"9")
                })
        }
    }
}
