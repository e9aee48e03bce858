import Model

extension Schemas {
    /// `environment.yaml`.
    static let environment: [Field] = [
        kind("Environment"),
        Field("interval", .durationAtLeast(1000), fallback: "30s", "How often the loop looks."),
        Field(
            "on_failure", .choice(Policy.OnFailure.allCases.map(\.rawValue)), fallback: "rollback",
            notYet: ["revert": "rolls back, and the revert commit is not made yet"],
            "What a failed rollout leads to."),
        Field(
            "drift", .choice(Policy.Drift.allCases.map(\.rawValue)), fallback: "repair",
            "What is done about an instance that is not as it was left."),
        Field("prune", .boolean, fallback: "true", "Whether workloads that git no longer has are removed."),
        Field("max_delete", .share, fallback: "50%", "How many workloads one plan may delete without asking."),
        Field("deadline", .durationAtLeast(1000), fallback: "1h", "How long a whole pass may take."),
        Field("notify", notify, "Commands that are told of every outcome that changed."),
        Field("smoke", .list(smoke), "Asked after every rollout, in order; all must pass."),
        Field("after", .oneOrMore(.name), "Environments that must be as git says before this one is touched."),
        Field("pipeline", .list(.stage), "The stages of a rollout; without it those of the root's `deploy.yml`."),
        Field("hosts", hosts, "The machines there are, by name: [inventory](inventory.md)."),
        Field("groups", groups, "Hosts under one name, with what they have in common."),
        Field("ssh", ssh, "How hosts are reached; a host may say otherwise."),
        Field("soak", .duration, standing: .restrains, "How long a revision must have been good in every `after`."),
        Field("gates", .plain, standing: .restrains, "A file of input gates."),
        Field(
            "approval",
            .object([
                Field("required", .integer(0...100), fallback: "1", "How many persons must approve."),
                Field("expires", .durationAtLeast(1000), fallback: "24h", "How long an approval holds."),
            ]), standing: .restrains, "Persons who must approve a plan."),
        Field(
            "windows",
            .list(
                .oneOf(
                    [
                        Field("deny", .plain, "When a time without changes begins: five cron fields."),
                        Field("allow", .plain, "When a time for changes begins: five cron fields."),
                    ],
                    with: [
                        Field("for", .durationAtLeast(1000), required: true, "How long it lasts."),
                        Field("zone", .plain, fallback: "UTC", "The time zone, `Europe/Berlin`."),
                    ])), standing: .restrains, "When changes may be made."),
        Field("verify", .anything, standing: .restrains, "Which signatures a revision must carry."),
    ]
}
