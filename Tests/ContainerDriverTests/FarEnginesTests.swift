import DriverKit
import FoundationEssentials
import Glibc
import Model
import Processes
import TestSupport
import Testing

@testable import ContainerDriver

/// Engines that are not on a socket of this machine.
@Suite(.fewAtOnce, .enabled(if: DockerEngine.missing == nil, "\(DockerEngine.missing ?? "")"), .timeLimit(.minutes(15)))
struct FarEnginesTests {
    private let web: [String: Value] = ["image": .string(Images.web), "stop_grace": .int(0)]

    @Test func throughSSH() async throws {
        let engine = try await DockerEngine.shared()
        try await TemporaryFolder.with { folder in
            let key = try await TestTool.sshKey("key", in: folder)
            try await SSHServer.serve(in: folder, authorized: key + "\n") { server in
                // The only settings of ssh are those of a user's own configuration.
                let script = """
                    #!/bin/sh
                    exec /usr/bin/ssh -F \(folder)/config "$@"
                    """
                try await TestTool.run("mkdir", ["bin"], in: folder)
                try Data(script.utf8).write(to: URL(filePath: folder + "/bin/ssh"))
                try await TestTool.run("chmod", ["755", "bin/ssh"], in: folder)
                try Data(server.knownHosts.utf8).write(to: URL(filePath: folder + "/known"))
                try Data(
                    "IdentityFile \(folder)/key\nUserKnownHostsFile \(folder)/known\nStrictHostKeyChecking yes\n".utf8
                ).write(to: URL(filePath: folder + "/config"))
                let alive = try OwnFolder.make(for: "a test", in: [(root: "/tmp", prefix: "reconcile-tunnel-")])
                defer { alive.remove() }
                let killed = "/tmp/reconcile-tunnel-\(UInt32.random(in: 0...UInt32.max))"
                mkdir(killed, 0o700)
                try TestFile.write(killed + "/engine", "")
                let driver = ContainerDriver(
                    runner: ProcessRunner(), slots: Slots(4),
                    baseEnvironment: ["PATH": folder + "/bin:/usr/bin:/bin", "HOME": folder])
                let address = "ssh://\(server.user)@\(server.address):\(server.port)\(engine.socket)"
                try await Bench.with(engine) { bench in
                    let far = Bench(engine: engine, driver: driver, environment: bench.environment)
                    let target = far.target(web.merging(["engine": .string(address)]) { $1 })
                    #expect(await driver.apply(target).failure == nil)
                    #expect(await far.observe(target) == target.running)
                    #expect(await driver.remove(target).failure == nil)
                    #expect(access(killed, F_OK) != 0, "what a killed process left is taken away")
                    #expect(access(alive.path, F_OK) == 0, "what a living one has is not")
                    let stranger = far.target(
                        web.merging(["engine": .string("ssh://nobody@\(server.address):\(server.port)")]) { $1 })
                    guard case .unknown(let reason) = await far.observe(stranger) else {
                        Issue.record("it is not unknown")
                        return
                    }
                    #expect(reason.contains("ssh: nobody@\(server.address): Permission denied"), "\(reason)")
                    await driver.close()
                }
            }
        }
    }

    @Test func byTLS() async throws {
        let engine = try await DockerEngine.shared()
        try await TemporaryFolder.with { folder in
            let authority = try await TestAuthority.make(in: folder)
            let port = try TestServer.freePort()
            // Ends TLS before the engine's socket, and asks who comes.
            let command = Command(
                "socat",
                [
                    "OPENSSL-LISTEN:\(port),bind=127.0.0.1,fork,reuseaddr,cert=server.pem,key=server.key,cafile=ca.pem,verify=1",
                    "UNIX-CONNECT:\(engine.socket)",
                ], environment: ["PATH": "/usr/bin:/bin"], workingDirectory: folder, timeout: .seconds(600))
            try await TestServer.run(command, port: port) {
                try await Bench.with(engine) { bench in
                    func block(_ tls: [String: Value]) -> [String: Value] {
                        web.merging(["engine": .string("tcp://localhost:\(port)"), "tls": .map(tls)]) { $1 }
                    }
                    let ca = Value.string(authority.certificate)
                    let target = bench.target(
                        block([
                            "ca": ca, "cert": .string(folder + "/client.pem"), "key": .string(folder + "/client.key"),
                        ]))
                    #expect(await bench.driver.apply(target).failure == nil)
                    #expect(await bench.observe(target) == target.running)
                    let nameless = bench.target(block(["ca": ca]))
                    #expect(await bench.observe(nameless).isUnknown)
                    guard case .unknown(let reason) = await bench.observe(bench.target(block([:]))) else {
                        Issue.record("it is not unknown")
                        return
                    }
                    #expect(reason.contains("its certificate is not valid here"), "\(reason)")
                    // What is said of TLS from outside holds for an engine that the block names, too.
                    let verifying = ContainerDriver(
                        runner: ProcessRunner(), slots: Slots(4),
                        baseEnvironment: ["DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": folder])
                    try await TestTool.run("cp", ["client.pem", "cert.pem"], in: folder)
                    try await TestTool.run("cp", ["client.key", "key.pem"], in: folder)
                    let plain = bench.target(
                        web.merging(["engine": .string("tcp://localhost:\(port)")]) { $1 })
                    let seen = await verifying.observe([plain])[0]
                    #expect(!seen.isUnknown, "\(seen)")
                    // A certificate that is renewed counts from then on, and one that is of no use, too.
                    try await TestTool.run("cp", ["client.pem", "good.pem"], in: folder)
                    try Data("no certificate\n".utf8).write(to: URL(filePath: folder + "/cert.pem"))
                    #expect(await verifying.observe([plain])[0].isUnknown)
                    try await TestTool.run("cp", ["good.pem", "cert.pem"], in: folder)
                    let again = await verifying.observe([plain])[0]
                    #expect(!again.isUnknown, "\(again)")
                    await verifying.close()
                }
            }
        }
    }
}
