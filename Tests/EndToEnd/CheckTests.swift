import Foundation
import Glibc
import Model
import Processes
import TestSupport
import Testing

/// Checks over the network, through the built program.
@Suite struct CheckTests {
    private func deploy(_ world: World, smoke: String, version: String = "1") async throws {
        try await world.repository.commit([
            "staging/environment.yaml": World.environment("smoke: [\(smoke)]"),
            "staging/web.yaml": world.workload(version: version),
        ])
    }

    @Test func httpAndTCPDecide() async throws {
        try await World.with { world in
            let ok = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
            try await HostileServer.run(.answering(ok)) { server in
                let http = "{http: \"http://127.0.0.1:\(server.port)/\", expect: 200, timeout: 1m}"
                try await deploy(world, smoke: http + ", {tcp: \"127.0.0.1:\(server.port)\", timeout: 1m}")
                let good = await world.pass()
                #expect(try good.status == 0 && good.outcome("staging") == "applied", "\(good.output) \(good.errors)")
                try await deploy(world, smoke: http.replacingOccurrences(of: "200", with: "204"), version: "2")
                let bad = await world.pass()
                #expect(
                    bad.status == 3 && bad.output.contains("answered 200, expected 204"), "\(bad.output) \(bad.errors)")
            }
            #expect(world.version("web-1") == "1")
        }
    }

    /// What a machine trusts is decided by its own store; a mount of this test's own stands in for another one.
    @Test func httpsTrustsWhomTheMachineTrusts() async throws {
        try await World.with { world in
            try await TLSServer.serve(in: world.root) { server in
                let trusting = [
                    "-m", "/bin/sh", "-c",
                    "mount --bind '\(server.authority)' /etc/ssl/certs/ca-certificates.crt && exec \"$0\" \"$@\"",
                ]
                func pass() async -> CommandResult {
                    await ProcessRunner().run(
                        Command(
                            "unshare",
                            trusting + [TestBinary.path, "--repo", world.repository.path, "--state", world.state],
                            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], timeout: .seconds(300)))
                }
                let can = await ProcessRunner().run(
                    Command("unshare", Array(trusting[..<4]) + ["true"], environment: ["PATH": "/usr/bin:/bin"]))
                guard can.succeeded else {
                    print("skipped: a mount of its own cannot be made here")
                    return
                }
                try await deploy(world, smoke: "{http: \"https://localhost:\(server.port)/\", timeout: 1m}")
                let stranger = await world.pass()
                #expect(stranger.status == 1, "\(stranger.output) \(stranger.errors)")
                #expect(stranger.output.contains("the server's certificate is not valid here"), "\(stranger.output)")
                #expect(await world.reconcile("resume", "staging").status == 0)
                let trusted = await pass()
                #expect(trusted.ending == .exited(0), "\(String(decoding: trusted.output, as: UTF8.self))")

                let other = "{http: \"https://127.0.0.1:\(server.port)/\", timeout: 1m}"
                try await deploy(world, smoke: other, version: "2")
                let text = String(decoding: await pass().output, as: UTF8.self)
                #expect(text.contains("the server's certificate is for another name"), "\(text)")
            }
        }
    }
}
