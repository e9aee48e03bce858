import Model

/// What every file may hold, each said once: the checks, the JSON Schema and the reference follow from it.
enum Schemas {
    typealias Field = Schema.Field

    static let checkKinds: [Field] = [
        Field(
            "http", .text,
            "An address; asked by GET. Redirects are not followed; `https` trusts whom the machine trusts."),
        Field("tcp", .text, "`HOST:PORT`; a connection must open."),
        Field("command", .text, "Run by `/bin/sh -c`; must exit 0."),
    ]

    static let smoke = Schema.oneOf(
        checkKinds,
        with: [
            Field("expect", .integer(100...599), "The HTTP status that passes; without it any from 200 to 399."),
            Field("timeout", .durationAtLeast(1), fallback: "10s", "How long one answer may take."),
        ])

    static let health = Schema.oneOf(
        checkKinds,
        with: [
            Field(
                "port", .integer(1...65_535), "The port on 127.0.0.1, where `http` is only a path such as `/healthz`."),
            Field("interval", .durationAtLeast(100), fallback: "1s", "The pause between two asks."),
            Field("timeout", .durationAtLeast(1), fallback: "1s", "How long one answer may take."),
        ])

    static let notify = Schema.list(
        .object([Field("command", .text, required: true, "Run by `/bin/sh -c`; gets the outcome as JSON.")]))

    static let autoscaling = Schema.object([
        Field("min", .integer(0...10_000), required: true, "The fewest instances."),
        Field("max", .integer(0...10_000), required: true, "The most instances."),
        Field(
            "metric", .oneOf(probes, with: []),
            "What is measured to find how many are needed, as a monitor does it; the average of the instances counts."),
        Field("name", .name, fallback: "metric", "What the metric is called in reasons: `cpu`."),
        Field("target", .number(0...Double.infinity), "What the average shall be."),
        Field(
            "scale_up", .duration, fallback: "0s",
            "It is scaled up to the lowest count that was recommended in this time."),
        Field(
            "scale_down", .duration, fallback: "5m",
            "It is scaled down to the highest count that was recommended in this time."),
        Field("timeout", .durationAtLeast(1), fallback: "5s", "How long one answer may take."),
    ])

    static let resources = Schema.object([
        Field("cpu", .quantity(.processors), "`500m`, `2`."),
        Field("memory", .quantity(.bytes), "`512Mi`, `1Gi`."),
    ])

    static let replicas = Field(
        "replicas", .integer(0...10_000), fallback: "1", "How many instances.")

    static func kind(_ name: String) -> Field {
        Field("kind", .choice([name]), required: true, "What the document is: `\(name)`.")
    }
}
