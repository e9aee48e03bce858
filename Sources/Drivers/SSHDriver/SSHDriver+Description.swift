import DriverKit
import Model

extension SSHDriver {
    /// The block `ssh:` and what it may hold.
    package var description: DriverDescription {
        DriverDescription(
            name: "ssh", block: [Self.files, Self.release, Self.units, Self.packages, Self.commands] + Self.rest,
            ignoredRolloutKeys: [
                "order": "rollout.order is not acted on: the ssh driver updates an instance in place."
            ], placement: .onHosts, trafficKey: "traffic", claims: { SSHBlock.claims($0) },
            paths: { SSHBlock.paths($0) }, faults: { SSHBlock.faults($0) })
    }

    private static let path = Schema.form(.writtenPath)
    private static let owner = Schema.form(.ownerName)

    private static let files = Schema.Field(
        "files",
        .list(
            .oneOf(
                [
                    .init("content", .text, "What the file holds."),
                    .init("source", .sourcePath, "A file of the source, or a folder with everything below it."),
                    .init(
                        "template", .sourcePath,
                        "The same, with each `{{ NAME }}` replaced by a variable; an unknown one is a failure."),
                    .init("directory", .boolean, "`true`: a folder."),
                    .init("link", .plain, "A symbolic link, and where it leads."),
                    .init("absent", .boolean, "`true`: nothing may be there; a folder must be empty."),
                ],
                with: [
                    .init("path", path, required: true, "Where it is on the host."),
                    .init(
                        "mode", .form(.mode),
                        "Its permission bits; without it those that are there, else 0644, or 0755 for a program."),
                    .init("owner", owner, "Its owner; without it as it is there."),
                    .init("group", owner, "Its group; without it as it is there."),
                    .init(
                        "expand", .boolean, fallback: "false",
                        "Whether each `{{ NAME }}` in `content` or `source` is replaced, as in a template."),
                ])), "Files, folders and links; nothing else is touched.")

    private static let release = Schema.Field(
        "release",
        .object([
            .init("path", path, required: true, "The folder that has `current` and `releases`."),
            .init("archive", .sourcePath, "A file of the source: tar or tar.gz."),
            .init("url", .form(.webAddress), "Instead: where the host gets it, by curl or wget."),
            .init("sha256", .form(.checksum), "What the archive hashes to; needed with `url`."),
            .init(
                "strip", .integer(0...9), fallback: "0", "How many leading folders of names in the archive are dropped."
            ),
            .init(
                "keep", .integer(1...100), fallback: "3", "How many releases stay, so that going back is one rename."),
        ]), "An archive that is unpacked beside older ones, and switched to at once.")

    private static let units = Schema.Field(
        "units",
        .list(
            .object([
                .init("name", .form(.unitName), required: true, "The unit, `web.service`."),
                .init("content", .text, "Its file, written to /etc/systemd/system."),
                .init("source", .sourcePath, "Instead: a file of the source."),
                .init("template", .sourcePath, "Instead: a template of the source."),
                .init("expand", .boolean, fallback: "false", "Whether each `{{ NAME }}` in `content` is replaced."),
                .init("enabled", .boolean, "Whether it starts with the host; without it, it is not looked at."),
                .init("running", .boolean, "Whether it runs; without it, it is not looked at."),
                .init(
                    "restart_on", .list(.plain),
                    "It is restarted when one of these changed: paths, `release`, names of packages, commands and units."
                ),
                .init("reload_on", .list(.plain), "The same, and it is reloaded."),
            ])), "Units of systemd.")

    private static let packages = Schema.Field(
        "packages",
        .list(
            .nameOr([
                .init("name", .form(.packageName), required: true, "The package."),
                .init("version", .form(.packageVersion), "Its version; a `*` at its end stands for any rest."),
                .init("absent", .boolean, fallback: "false", "Whether it must not be installed."),
            ])), "Packages by apt. They stay when the workload goes.")

    private static let commands = Schema.Field(
        "commands",
        .list(
            .object([
                .init("name", .form(.plainName), required: true, "What it is called."),
                .init(
                    "observe", .text, "Prints RECONCILE_DIGEST where it is in place; prints nothing where nothing is."),
                .init(
                    "apply", .text, required: true,
                    "Puts it in place; must be safe to repeat. It needs `observe` or `on_change` to run."),
                .init("remove", .text, "Takes it away; must be safe to repeat."),
                .init(
                    "on_change", .list(.plain),
                    "It runs when one of these changed: paths, `release`, names of packages, units and other commands."),
                .init("env", .variables, "Variables besides `vars`; names that begin with RECONCILE_ are ours."),
                .init("timeout", .durationAtLeast(1000), fallback: "60s", "How long one run may take."),
            ])), "Commands that are run by `sh` on the host.")

    private static let rest: [Schema.Field] = [
        .init("vars", .variables, "Variables for templates, paths and commands, where the host has none of that name."),
        .init(
            "order", .list(.choice(Wanted.Section.allCases.map(\.rawValue))),
            "What comes first; what is not named follows in the order packages, files, release, commands, units."),
        .init(
            "become", .choice(["none", "sudo"]),
            "How root's rights are got: by `sudo -n`, or not; without it as the inventory says."),
        .init("health", .text, "Exits 0 on the host once the instance is healthy; asked every second."),
        .init("traffic", .text, "Run on the host: gives it RECONCILE_WEIGHT percent of its traffic, 0 to drain it."),
        .init("timeout", .durationAtLeast(1000), fallback: "5m", "How long one act on a host may take."),
    ]
}
