import Foundation
import TestSupport

extension World {
    /// A world with a real HAProxy in a folder of its own. It sends everything to the backend `web`; each backend has a place for
    /// servers that are to outlive a reload.
    static func behindHAProxy(
        _ backends: [String] = ["web"], _ body: @Sendable (World, HAProxyServer) async throws -> Void
    ) async throws {
        try await World.with { world in
            let folder = world.root + "/haproxy"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let frontend = """
                frontend all
                    bind 127.0.0.1:PORT
                    default_backend web
                """
            let sections = backends.map { name in
                """
                backend \(name)
                    balance roundrobin
                    # BEGIN reconcile \(name)
                    # END reconcile \(name)
                """
            }
            try await HAProxyServer.serve(in: folder, ([frontend] + sections).joined(separator: "\n")) { balancer in
                try await body(world, balancer)
            }
        }
    }
}
