/// A real `podman system service` that lives as long as the process of the tests. It has a network of its own: what its
/// containers publish is not reached from the tests.
package enum PodmanEngine {
    /// Why there can be none on this machine, for the reason of a skipped test; nil where there can.
    package static let missing: String? = EngineHost.missing(["podman", "docker", "conmon", "runc", "ip"])

    /// The one that all tests share; the first call starts it.
    package static func shared() async throws -> ContainerEngine { try await host.engine() }

    private static let host = EngineHost(name: "podman", disk: "1g", hasNetwork: true, script: script)

    private static let script = """
        mkdir -p data/tmp data/cni
        ip link set lo up
        cat >containers.conf <<END
        [containers]
        default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
        cgroups = "enabled"
        log_driver = "k8s-file"
        [engine]
        runtime = "runc"
        cgroup_manager = "cgroupfs"
        events_logger = "file"
        END
        printf '[storage]\\ndriver = "overlay"\\ngraphroot = "%s/data/root"\\nrunroot = "%s/data/run"\\n' "$PWD" "$PWD" \
            >storage.conf
        export CONTAINERS_CONF="$PWD/containers.conf" CONTAINERS_STORAGE_CONF="$PWD/storage.conf" TMPDIR="$PWD/data/tmp"
        run podman --root "$PWD/data/root" --runroot "$PWD/data/run" --tmpdir "$PWD/data/tmp" \
            --network-config-dir "$PWD/data/cni" system service --time 0 "unix://$PWD/engine.sock"
        """
}
