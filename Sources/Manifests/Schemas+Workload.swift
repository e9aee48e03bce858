import Model

extension Schemas {
    /// A workload's document without the block of its driver.
    static let workload: [Field] = [
        kind("Workload"),
        Field("name", .name, required: true, "Unique in its environment."),
        Field("driver", .name, required: true, "What reaches it; its block stands under the same name."),
        replicas,
        Field(
            "hosts", .selection,
            "The hosts that have an instance each: hosts or groups by name, or labels that must all match. "
                + "Only with drivers that place instances on hosts, and needed there."),
        Field("depends_on", .oneOrMore(.name), "Workloads of the same environment that are done before this one."),
        Field("health", health, "What decides that an instance is healthy, besides what the driver asks."),
        Field("rollout", .object(rollout), "How changes are rolled out."),
        Field("resources", resources, standing: .someDrivers, "What an instance may use."),
        Field(
            "autoscaling", autoscaling,
            "Limits for the number of instances, and what decides within them: [autoscaling](autoscaling.md)."),
        Field("traffic", traffic, "What sends requests to the instances: [traffic](traffic.md)."),
        Field("monitor", monitors, "What is measured while a new version proves itself."),
    ]
}
