import Foundation
import Model
import Processes
import TestSupport
import Testing

/// More at once than the system's defaults are made for.
@Suite struct ManyTests {
    @Test func theLimitOfOpenFilesIsRaisedForTheCommandsThatRunTogether() async throws {
        try await World.with { world in
            try "parallel: 60\n".write(toFile: world.root + "/reconcile.yaml", atomically: true, encoding: .utf8)
            let slow = world.workload(replicas: 60, rollout: "{min_healthy_time: 0s, max_parallel: 60}")
                .replacingOccurrences(of: "observe: cat", with: "observe: sleep 0.5; cat")
            try await world.repository.commit([
                "staging/environment.yaml": World.environment(), "staging/web.yaml": slow,
            ])
            let result = await ProcessRunner().run(
                Command(
                    "/bin/sh",
                    [
                        "-c", #"ulimit -Sn 64 && exec "$0" "$@""#, TestBinary.path, "--repo", world.repository.path,
                        "--state", world.state,
                    ],
                    environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": world.root],
                    workingDirectory: world.root,
                    timeout: .seconds(300)))
            #expect(result.succeeded, "\(String(decoding: result.output + result.errors, as: UTF8.self))")
            #expect(world.acts.count == 60)
        }
    }
}
