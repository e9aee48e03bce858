import Model

extension Schemas {
    /// A workload's document without the block of its driver.
    static let workload: [Field] = [
        kind("Workload"),
        Field("name", .name, required: true, "Unique in its environment."),
        Field("driver", .name, required: true, "What reaches it; its block stands under the same name."),
        replicas,
        Field("depends_on", .oneOrMore(.name), "Workloads of the same environment that are done before this one."),
        Field("health", health, "What decides that an instance is healthy, besides what the driver asks."),
        Field("rollout", .object(rollout), "How changes are rolled out."),
        Field("resources", resources, standing: .notYet, "What an instance may use."),
        Field("autoscaling", autoscaling, standing: .notYet, "Limits for a number of instances that follows the load."),
        Field("traffic", .map(.anything), standing: .notYet, "What sends traffic to the instances."),
        Field("monitor", monitors, "What is measured while a new version proves itself."),
    ]

    static let rollout: [Field] = [
        Field(
            "strategy", .choice(RolloutPolicy.Strategy.allCases.map(\.rawValue)), fallback: "rolling",
            notYet: [
                "canary": "canary is not acted on yet, rolling is used instead",
                "blue-green": "blue-green is not acted on yet, rolling is used instead",
            ], "How old and new instances take turns."),
        Field("max_parallel", .share, fallback: "1", "How many instances are worked on together."),
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
            "order", .choice(["start-first", "stop-first"]), fallback: "start-first", standing: .notYet,
            "Whether the new instance starts before the old one stops."),
        Field(
            "drain_timeout", .duration, fallback: "30s", standing: .notYet,
            "How long an instance may finish its requests."),
        Field(
            "steps",
            .list(
                .oneOf(
                    [
                        Field("weight", .share, "The share of traffic for the new side."),
                        Field("monitor", .duration, "How long the metrics are watched."),
                    ], with: [])), standing: .notYet, "The steps of a canary."),
    ]
}
