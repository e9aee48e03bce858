import DriverKit
import Model
import TestSupport
import Testing

@testable import ContainerDriver

/// Whatever a block says: what was applied is in place, and applying it again changes nothing.
@Suite(.fewAtOnce) struct GeneratedBlocksTests {
    @Test(
        .enabled(if: DockerEngine.missing == nil, "\(DockerEngine.missing ?? "")"), .timeLimit(.minutes(15)),
        arguments: EngineKind.allCases)
    func aSecondPassIsInSync(_ kind: EngineKind) async throws {
        try await Bench.with(kind) { bench in
            let network = "net-\(bench.environment)"
            try await bench.engine.network(network)
            var random = SystemRandomNumberGenerator()
            let blocks = (0..<12).map { _ in GeneratedBlock.make(network, kind, &random) }
            for (index, block) in blocks.enumerated() {
                let target = bench.target(index + 1, block)
                let failure = await bench.driver.apply(target).failure
                #expect(failure == nil, "\(Value.map(block).canonical)")
                guard failure == nil else { continue }
                let id = try await bench.engine.docker("inspect", "--format", "{{.Id}}", bench.name(index + 1))
                #expect(await bench.observe(target) == target.running, "\(Value.map(block).canonical)")
                #expect(await bench.driver.apply(target).failure == nil)
                #expect(try await bench.engine.docker("inspect", "--format", "{{.Id}}", bench.name(index + 1)) == id)
            }
            try await bench.engine.clear(bench.environment)
            for name in ["vol-a", "vol-b"] { _ = try? await bench.engine.docker("volume", "rm", name) }
            try await bench.engine.docker("network", "rm", network)
        }
    }
}

/// A block that an engine of the tests can run.
enum GeneratedBlock {
    static func make(
        _ network: String, _ kind: EngineKind, _ random: inout some RandomNumberGenerator
    ) -> [String: Value] {
        func strings(_ values: String...) -> Value { .list(values.map(Value.string)) }
        var choices: [(String, Value)] = [
            ("entrypoint", strings("sleep")), ("env", .map(["A": .string("1"), "B": .string("a \"b\" \\ ü\n")])),
            ("working_dir", .string("/tmp")), ("user", .string("1000:1000")), ("hostname", .string("inside")),
            ("init", .bool(kind == .docker)), ("stop_signal", .string("SIGKILL")), ("read_only", .bool(true)),
            ("healthcheck", .map(["test": strings("true"), "interval": .int(1000), "retries": .int(3)])),
            ("healthcheck", .map(["shell": .string("exit 0"), "start_period": .int(500)])),
            ("healthcheck", .map(["disable": .bool(true)])),
            (
                "ports",
                .list([.map(["container": .int(8080)]), .map(["container": .int(53), "protocol": .string("udp")])])
            ),
            ("cap_add", strings("NET_ADMIN", "SYS_TIME")), ("cap_drop", strings("ALL")),
            ("no_new_privileges", .bool(true)), ("extra_hosts", strings("db:10.0.0.5")),
            (
                "mounts",
                .list([.map(["source": .string("/usr"), "target": .string("/host"), "read_only": .bool(true)])])
            ),
            ("volumes", .list([.map(["name": .string("vol-a"), "target": .string("/data")])])),
            ("tmpfs", .list([.map(["target": .string("/scratch"), "size": .string("1Mi")])])),
            ("labels", .map(["team": .string("blue"), "reconcile.digest": .string("not ours")])),
            ("logging", .map(["driver": .string(kind == .docker ? "json-file" : "k8s-file")])),
        ]
        choices.append(
            Bool.random(using: &random)
                ? ("networks", strings(network))
                : ("network_mode", .string(Bool.random(using: &random) ? "host" : "none")))
        if kind == .docker {
            choices.append(("restart", .string("on-failure")))
            choices.append(("resources", .map(["cpu": .string("500m"), "memory": .string("64Mi")])))
        }
        var block: [String: Value] = ["image": .string(Images.web), "stop_grace": .int(0)]
        for (key, value) in choices where Int.random(in: 0..<3, using: &random) == 0 { block[key] = value }
        // Ports are published on networks of bridges only.
        if block["network_mode"] != nil { block["ports"] = nil }
        block["command"] = block["entrypoint"] == nil ? strings("sleep", "600") : strings("600")
        return block
    }
}
