import Foundation
import TestSupport
import Testing

/// Commands that are told of outcomes are commands of manifests like all others.
@Suite struct NotifyTests {
    @Test func theySeeWhatTheyNeedAndNoSecretOfOurs() async throws {
        try await World.with { world in
            let line = """
                env >'\(world.root)/variables'; tr '\\0' ' ' </proc/$$/cmdline >'\(world.root)/arguments'; cat >'\(world.root)/body'; \
                printf '%s\\n' "$line" >&2; exit 3 # canary-of-the-line
                """
            try line.write(toFile: world.root + "/line", atomically: true, encoding: .utf8)
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(
                    "notify: [{command: {secret: {file: \(world.root)/line}}}]"),
                "staging/web.yaml": world.workload(),
            ])
            let run = await world.pass(environment: ["UNRELATED_TOKEN": "canary-of-ours"])
            #expect(try run.status == 0 && run.outcome("staging") == "applied", "a notification changes no outcome")
            let variables = try #require(world.read("variables"))
            #expect(variables.contains("RECONCILE_OUTCOME=applied") && variables.contains("PATH="))
            #expect(!variables.contains("UNRELATED_TOKEN"))
            #expect(world.read("body")?.contains(#""outcome":"applied""#) == true)
            #expect(world.read("arguments")?.isEmpty == false && world.read("arguments")?.contains("canary") == false)
            #expect(run.errors.contains("notify exited 3") && !run.errors.contains("canary"), "\(run.errors)")
        }
    }

    @Test func aReasonOfWhichOnlyTheNumbersChangeIsToldOnce() async throws {
        try await World.with { world in
            let noisy = world.workload().replacingOccurrences(
                of: "observe: cat",
                with: "observe: test ! -e \"$ROOT/dark\" || { echo \"late by $(date +%s%N) ns\" >&2; exit 7; }; cat")
            try await world.repository.commit([
                "staging/environment.yaml": World.environment("notify: [{command: \"echo >>'\(world.root)/told'\"}]"),
                "staging/web.yaml": noisy,
            ])
            #expect(await world.pass().status == 0)
            try "".write(toFile: world.live + "/dark", atomically: true, encoding: .utf8)
            for _ in 0..<3 {
                let run = await world.pass()
                #expect(try run.status == 1 && run.outcome("staging") == "error", "\(run.output)")
            }
            #expect(world.read("told") == "\n\n")
            #expect(try await world.sql("SELECT outcome FROM reconciles ORDER BY id") == ["applied", "error"])
        }
    }
}
