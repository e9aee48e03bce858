import Model

extension Schemas {
    /// `deployment.yml` at the root of the source: defaults for the workloads of each environment.
    static let deployment: [Field] = [
        Field(
            "environments",
            .map(
                .object([
                    replicas,
                    Field("resources", resources, standing: .someDrivers, "What an instance may use."),
                    Field("autoscaling", autoscaling, "Limits for a number of instances."),
                ])), required: true, "Defaults by the environment's name; what a workload says itself wins.")
    ]

    /// `deploy.yml` at the root of the source: the default pipeline of each environment.
    static let deploy: [Field] = [
        Field(
            "deploy", .map(.list(.stage)), required: true,
            "Stages by the environment's name; what `environment.yaml` says itself wins.")
    ]

    /// An entry of `drivers`.
    private static let plugin: [Field] = [
        Field("name", .name, required: true, "What `driver:` says; the program is `reconcile-driver-NAME`."),
        Field("path", .plain, "Its absolute path; without it, it is looked for in PATH."),
        Field("timeout", .durationAtLeast(1), fallback: "60s", "How long one request may take."),
        Field("env", .variables, "Variables for it, besides PATH, HOME, USER, LANG and TMPDIR."),
    ]

    /// `reconcile.yaml`.
    static let configuration: [Field] =
        source + [
            Field(
                "sources", .list(.object(namedSource)),
                "Several sources instead of one at the top level, each with its own environments."),
            Field("state", .plain, fallback: ".reconcile", "The folder of the record and the mirrors."),
            Field(
                "owner", .oneOrMore(.name),
                "What new containers are labelled with, and whose containers may be changed besides those of this state folder: "
                    + "of several names the first labels, and what the others have is taken over, too. "
                    + "Acts on hosts are told from others' by it. Without it the state folder's own id. See [containers](containers.md#what-is-touched)."
            ),
            Field("jitter", .percentage, fallback: "10%", "How much of the interval is left to chance, at most."),
            Field("parallel", .integer(1...1024), fallback: "16", "How many workloads are worked on together."),
            Field(
                "history",
                .object([
                    Field("keep", .integer(1...10_000_000), fallback: "10000", "How many reconciles are kept."),
                    Field("days", .integer(1...36_500), "How many days they are kept at most."),
                ]), "How much of the record is kept."),
            Field(
                "drivers", .list(.nameOr(plugin)),
                "The plugins that may be used as drivers: the only programs that `driver:` may start."),
            Field("notify", notify, "Commands that are told of every outcome that changed, in every environment."),
        ]
}
