import DriverKit
import Model

extension ContainerDriver {
    /// The block `container:` and what it may hold.
    package var description: DriverDescription {
        DriverDescription(
            name: "container", block: Self.image + Self.process + Self.reach + Self.rights + Self.upkeep,
            placement: .sideBySide, takesResources: true, faults: ContainerFaults.all)
    }

    private static let path = Schema.form(.absolutePath)
    private static let name = Schema.form(.engineName)

    private static let image: [Schema.Field] = [
        .init(
            "image", .form(.image), required: true, "The image, by tag or digest; a tag is resolved once, for a plan."),
        .init(
            "pull", .choice(["always", "missing", "never"]), fallback: "missing",
            "Whether the registry is asked: for each plan, only for what the engine has not, or never."),
        .init(
            "registry",
            .object([
                .init("username", .text, "Who signs in."),
                .init("password", .text, "The password or token."),
                .init("config", path, "Instead: a `config.json` as `docker login` writes it, with `auths`."),
            ]), "How the engine signs in at the registry."),
        .init(
            "engine", .form(.engine),
            "Where the engine listens. Without it `DOCKER_HOST`, else `unix:///var/run/docker.sock`."),
        .init(
            "tls",
            .object([
                .init("ca", path, "The authority that signed the engine's certificate."),
                .init("cert", path, "Our certificate."),
                .init("key", path, "Its key."),
            ]), "PEM files for `tcp://`. Without it those in `DOCKER_CERT_PATH` where `DOCKER_TLS_VERIFY` is set."),
        .init("timeout", .durationAtLeast(1000), fallback: "60s", "How long one call to the engine may take."),
    ]

    private static let process: [Schema.Field] = [
        .init("command", .list(.plain), "What runs, instead of the image's own command."),
        .init("entrypoint", .list(.plain), "What stands before the command, instead of the image's own."),
        .init("env", .variables, "Variables; names that begin with RECONCILE_ are ours."),
        .init("working_dir", path, "Where it runs."),
        .init("user", .plain, "Who it runs as: a name or number, and `:GROUP`."),
        .init("hostname", name, "The host's name inside."),
        .init("init", .boolean, fallback: "false", "Whether the engine's init is the first process."),
        .init("stop_signal", .form(.signal), "What ends it, instead of the image's own."),
        .init("stop_grace", .duration, fallback: "10s", "How long it may take to end before it is killed."),
        .init(
            "healthcheck",
            .object([
                .init("test", .list(.plain), "A command and its arguments; exit 0 is healthy."),
                .init("shell", .plain, "Instead: a line for the image's shell."),
                .init("disable", .boolean, fallback: "false", "Whether the image's own is not asked."),
                .init("interval", .durationAtLeast(1), "The pause between two asks."),
                .init("timeout", .durationAtLeast(1), "How long one answer may take."),
                .init("start_period", .duration, "How long failures do not count."),
                .init("retries", .integer(1...1000), "After how many failures it is unhealthy."),
            ]), "What the engine asks, instead of the image's own HEALTHCHECK."),
    ]

    private static let reach: [Schema.Field] = [
        .init(
            "ports",
            .list(
                .object([
                    .init("container", .integer(1...65_535), required: true, "The port inside."),
                    .init("host", .integer(1...65_535), "The port here; without it a free one for each instance."),
                    .init("address", .form(.address), fallback: "127.0.0.1", "Where it listens here."),
                    .init("protocol", .choice(["tcp", "udp"]), fallback: "tcp", "What is spoken."),
                ])), "Ports that are published."),
        .init(
            "network_mode", .choice(["bridge", "host", "none"]), fallback: "bridge",
            "The engine's own bridge, the host's network, or none; without `networks`."),
        .init("networks", .list(name), "Networks that exist; the instance is in all of them."),
        .init("aliases", .list(name), "Names that it has in `networks`, besides its own."),
        .init("extra_hosts", .list(.form(.extraHost)), "Lines for the hosts file, NAME:ADDRESS."),
        .init(
            "mounts",
            .list(
                .object([
                    .init("source", path, required: true, "A file or folder of the engine's host that exists."),
                    .init("target", path, required: true, "Where it is inside."),
                    .init("read_only", .boolean, fallback: "false", "Whether it cannot be written there."),
                ])), "Files and folders of the host."),
        .init(
            "volumes",
            .list(
                .object([
                    .init("name", name, required: true, "The volume; made where there is none, and never removed."),
                    .init("target", path, required: true, "Where it is inside."),
                    .init("read_only", .boolean, fallback: "false", "Whether it cannot be written there."),
                ])), "Named volumes."),
        .init(
            "tmpfs",
            .list(
                .object([
                    .init("target", path, required: true, "Where it is inside."),
                    .init("size", .quantity(.bytes), "The most that it holds, `64Mi`."),
                ])), "Folders in memory."),
        .init(
            "files", .list(.sourcePath),
            "Files and folders of the source that the instance finds, read-only, below `files_at`. The engine must be "
                + "on this machine."),
        .init("files_at", path, fallback: "/reconcile", "Where `files` are inside."),
    ]

    private static let rights: [Schema.Field] = [
        .init("read_only", .boolean, fallback: "false", "Whether the image's files cannot be written."),
        .init("cap_add", .list(.form(.capability)), "Capabilities that it gets."),
        .init("cap_drop", .list(.form(.capability)), "Capabilities that it loses."),
        .init(
            "no_new_privileges", .boolean, fallback: "false",
            "Whether no process in it can get more rights than it has."),
    ]

    private static let upkeep: [Schema.Field] = [
        .init(
            "restart", .choice(["no", "always", "unless-stopped", "on-failure"]), fallback: "no",
            "When the engine itself starts it again."),
        .init("max_retries", .integer(1...1000), "After how many starts `on-failure` gives up."),
        .init(
            "logging",
            .object([
                .init("driver", name, required: true, "The engine's log driver."),
                .init("options", .map(.plain), "Its options."),
            ]), "Where the engine keeps what it says; without it as the engine is set."),
        .init("labels", .map(.plain), "Labels besides ours, which begin with `reconcile.`."),
    ]
}
