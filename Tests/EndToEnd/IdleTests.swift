import Foundation
import Glibc
import TestSupport
import Testing

/// What a loop holds while nothing is to be done.
@Suite struct IdleTests {
    private func threads(of pid: pid_t) -> [String] {
        let folder = "/proc/\(pid)/task"
        let ids = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return ids.compactMap { try? String(contentsOfFile: "\(folder)/\($0)/comm", encoding: .utf8) }
    }

    @Test func noThreadWaitsForChecksOverTheNetwork() async throws {
        try await World.with { world in
            // Refuses until it listens; then the kernel takes the connections, and nobody needs to accept them.
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            defer { close(listener) }
            let port = try TestServer.bind(listener, port: 0)
            try await world.repository.commit([
                "staging/environment.yaml": World.environment("interval: 1h", "smoke: [{tcp: \"127.0.0.1:\(port)\"}]"),
                "staging/web.yaml": world.workload(
                    more: "health: {tcp: \"127.0.0.1:\(port)\"}"),
            ])
            let loop = try await Background.run(world)
            try await eventually("it is asked") { threads(of: loop.pid).contains { $0.hasPrefix("NIO-ELT") } }
            #expect(listen(listener, 64) == 0)
            try await eventually("it is applied") { await world.reconcile("history").output.contains("applied") }
            try await eventually("nobody asks") { !threads(of: loop.pid).contains { $0.hasPrefix("NIO-ELT") } }
            #expect(await loop.end().status == 0)
        }
    }
}
