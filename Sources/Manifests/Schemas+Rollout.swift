import Model

extension Schemas {
    /// How changes of a workload are rolled out.
    static let rollout: [Field] = [
        Field(
            "strategy", .choice(RolloutPolicy.Strategy.allCases.map(\.rawValue)), fallback: "rolling",
            "How old and new instances take turns; see [strategies](strategies.md)."),
        Field("max_parallel", .share, fallback: "1", "How many instances are worked on together."),
        Field(
            "order", .choice(RolloutPolicy.Order.allCases.map(\.rawValue)), fallback: "start-first",
            "Whether a new instance starts before an old one stops."),
        Field(
            "max_unavailable", .share,
            "How many instances may be missing meanwhile; without it none, or `max_parallel` where old ones go first."),
        Field(
            "first", .share,
            "How many hosts get a new version before all others do, one where it is not said; 0 for none. Only on hosts."
        ),
        Field(
            "batch_by", .plain,
            "A label, such as `zone`: the hosts of one value are done before those of the next. Only on hosts."),
        Field(
            "max_unreachable", .share,
            "How many hosts may be out of reach, `100%` where it is not said; with more, the workload is left alone. Only on hosts."
        ),
        Field(
            "min_healthy_time", .duration, fallback: "10s",
            "How long an instance must stay healthy without a break."),
        Field(
            "healthy_deadline", .durationAtLeast(1), fallback: "5m",
            "How long an instance may take until it is healthy."),
        Field(
            "progress_deadline", .durationAtLeast(1), fallback: "10m",
            "How long a workload may go without an instance finishing."),
        Field(
            "drain_timeout", .duration, fallback: "30s",
            "How long an instance that leaves may finish its requests."),
        Field(
            "steps", .list(.oneOf(steps, with: [])),
            "The steps of a canary, without them 10% - 5m - 50% - 10m, and then all; of another strategy what comes when the new version has everything."
        ),
        Field(
            "promotion", .choice(RolloutPolicy.Promotion.allCases.map(\.rawValue)), fallback: "automatic",
            "Whether a person must agree before a canary or a new side gets everything."),
        Field("preview", .list(preview), "What the new side of a blue-green rollout is asked before the switch."),
        Field(
            "keep_old", .duration, fallback: "10m",
            "How long the old side of a blue-green rollout is kept, and watched against, after the switch."),
    ]

    private static let preview = Schema.oneOf(
        checkKinds,
        with: [
            Field(
                "port", .integer(1...65_535),
                "The port of each new instance, where `http` is only a path such as `/healthz`."),
            Field("expect", .integer(100...599), "The HTTP status that passes; without it any from 200 to 399."),
            Field("timeout", .durationAtLeast(1), fallback: "10s", "How long one answer may take."),
        ])

    private static let steps: [Field] = [
        Field("weight", .percentage, "The new side's percent of all requests."),
        Field("instances", .share, "How many new instances there are; without it as many as the weight takes."),
        Field("monitor", .durationAtLeast(1), "How long the new side is watched."),
        Field("pause", .durationAtLeast(1), "How long to wait."),
        Field("approve", .plain, "`true`, or the sentence that a person must agree to."),
        Field(
            "match",
            .oneOf(
                [
                    Field("header", .object(pair), "A header that these requests carry."),
                    Field("cookie", .object(pair), "A cookie that these requests carry."),
                ], with: []), "Which requests go to the new side whatever the weight; needs a balancer that can."),
    ]

    private static let pair: [Field] = [
        Field("name", .plain, required: true, "Its name."),
        Field("value", .plain, required: true, "Its value."),
    ]
}
