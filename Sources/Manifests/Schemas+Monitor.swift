import Model

extension Schemas {
    private static let anyNumber = Schema.number(-Double.infinity...Double.infinity)
    private static let positive = Schema.number(0...Double.infinity)

    private static let headers: [Field] = [
        Field("headers", .map(.text), "Headers that each request carries, by name."),
        Field("bearer", .text, "Sent as `Authorization: Bearer …`."),
    ]

    private static let httpMonitor: [Field] =
        [
            Field("path", .plain, "A path that each instance is asked for, at the address that its driver gives."),
            Field("port", .integer(1...65_535), "The instance's port for `path`; without it its first."),
            Field("url", .text, "A whole address instead of `path`, the same for all instances."),
            Field("expect", .integer(100...599), "The status that is expected; without it any from 200 to 399."),
            Field("requests", .integer(1...1000), fallback: "1", "How many requests a measurement makes, one by one."),
            Field(
                "percentile", .number(0...100),
                "Measures the time in milliseconds within which so many percent of the answers came; without it and `json` "
                    + "the share of requests that failed, from 0 to 1."),
            Field("json", .plain, "Measures the number at this place of the answer: `queues[0].length`."),
        ] + headers

    private static let prometheusMonitor: [Field] =
        [
            Field("url", .text, required: true, "The server's address, `http://127.0.0.1:9090`."),
            Field(
                "query", .plain, required: true,
                "An instant query that gives one number. Its variables are `{{environment}}`, `{{workload}}`, `{{side}}` "
                    + "(`canary` or `baseline`), `{{instances}}` and `{{addresses}}` (of the side, for `=~`), and "
                    + "`{{instance}}` and `{{address}}` (it is asked for each)."),
        ] + headers

    private static let baseline: [Field] = [
        Field("max_ratio", positive, "At most so many times the old instances' number."),
        Field("min_ratio", positive, "At least so many times the old instances' number."),
        Field(
            "max_difference", positive,
            "A difference up to this is always in order; alone it is how much more the new number may be."),
    ]

    /// What measures, and what it measures.
    static let probes: [Field] = [
        Field(
            "http", .object(httpMonitor), "Requests: how many failed, how long they took, or a number of the answer."),
        Field("prometheus", .object(prometheusMonitor), "A query to Prometheus."),
        Field(
            "command", .text,
            "Run by `/bin/sh -c` for each instance. With limits it prints a number; without, it exits 0 (in order) or 1 (not)."
        ),
        Field("container", .choice(Monitor.ContainerCount.allCases.map(\.rawValue)), "What the engine counts."),
    ]

    static let monitors = Schema.list(
        .oneOf(
            probes,
            with: [
                Field("name", .name, required: true, "Unique in its workload."),
                Field("min", anyNumber, "The least that is in order, for each instance."),
                Field(
                    "max", anyNumber,
                    "The most that is in order, for each instance. 0 for what counts failures, if nothing else is said."
                ),
                Field("baseline", .object(baseline), "Compares the new instances' average with that of the old ones."),
                Field("interval", .durationAtLeast(100), fallback: "10s", "The time between two measurements."),
                Field(
                    "count", .integer(1...100_000),
                    "So many measurements with data are needed, and no more are made; without it one, and as many as there is "
                        + "time for."),
                Field(
                    "failures", .integer(1...100_000), fallback: "1",
                    "So many failed measurements in all fail it. Without it and with `consecutive`, the total does not count."
                ),
                Field("consecutive", .integer(1...100_000), "So many failed measurements in a row fail it."),
                Field("initial_delay", .duration, fallback: "0s", "How long it is not measured at first."),
                Field("timeout", .durationAtLeast(1), fallback: "5s", "How long one answer may take."),
            ]))
}
