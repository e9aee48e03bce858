import Glibc

/// A real `dockerd` that lives as long as the process of the tests. Its containers' published ports are reached at
/// 127.0.0.1; it changes no firewall rule of the machine, so nothing is routed out of its networks.
package enum DockerEngine {
    /// Why there can be none on this machine, for the reason of a skipped test; nil where there can.
    package static let missing: String? = EngineHost.missing(["dockerd", "docker", "containerd", "runc", "ip"])

    /// The one that all tests share; the first call starts it.
    package static func shared() async throws -> ContainerEngine { try await host.engine() }

    /// Lends one of the test's own until `body` ends, with so much disk, `64m`.
    package static func own<R: Sendable>(
        disk: String = "512m", _ body: @Sendable (ContainerEngine) async throws -> R
    ) async throws -> R {
        let host = EngineHost(name: "docker", disk: disk, isStoppable: true, script: script)
        do {
            let result = try await body(try await host.engine())
            await host.end()
            return result
        } catch {
            await host.end()
            throw error
        }
    }

    private static let host = EngineHost(name: "docker", disk: "1g", script: script)

    /// Ports of its own to publish at, so that engines of several runs do not get into each other's way: the engine gives
    /// those between the numbers in that file.
    private static let script = """
        mkdir -p data/root data/exec
        printf %s "$BRIDGE" >bridge
        ip link add "$BRIDGE" type bridge
        ip addr add "10.$NET.1/24" dev "$BRIDGE"
        ip link set "$BRIDGE" up
        echo "$PORTS" >ports
        mount --bind ports /proc/sys/net/ipv4/ip_local_port_range
        echo '{}' >daemon.json
        run dockerd --config-file "$PWD/daemon.json" --data-root "$PWD/data/root" --exec-root "$PWD/data/exec" \
            --pidfile "$PWD/data/pid" --host "unix://$PWD/engine.sock" --group "$(id -gn)" --bridge "$BRIDGE" \
            --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false \
            --default-address-pool "base=172.$POOL.0.0/16,size=24" --cgroup-parent "/$BRIDGE"
        """
}
