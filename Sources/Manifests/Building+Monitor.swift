import Model

extension Monitor {
    /// From a value that was checked; nil where it was wrong.
    init?(manifest value: Value) {
        let given = NumberLimits(min: Monitor.number(value["min"]), max: Monitor.number(value["max"]))
        let baseline = BaselineLimits(manifest: value["baseline"])
        let hasLimits = !given.isEmpty || baseline != nil
        guard let name = value["name"].string, let probe = Probe(manifest: value, hasLimits: hasLimits) else {
            return nil
        }
        self.init(
            name: name, probe: probe, limits: hasLimits ? given : NumberLimits(max: 0), baseline: baseline,
            interval: TimeSpan(value["interval"], default: .seconds(10)), count: value["count"].int,
            failures: value["failures"].int, consecutive: value["consecutive"].int,
            initialDelay: TimeSpan(value["initial_delay"], default: .zero),
            timeout: TimeSpan(value["timeout"], default: .seconds(5)))
    }

    /// The number of a value that was checked.
    static func number(_ value: Value) -> Double? { value.string.flatMap { NumberText.read($0) } }
}

extension Monitor.Probe {
    /// From the value around it, which was checked.
    init?(manifest value: Value, hasLimits: Bool) {
        if let probe = HTTPProbe(manifest: value["http"]) {
            self = .http(probe)
        } else if let probe = PrometheusProbe(manifest: value["prometheus"]) {
            self = .prometheus(probe)
        } else if let command = Text(value["command"]) {
            self = .command(command, printsNumber: hasLimits)
        } else if let count = value["container"].string.flatMap(Monitor.ContainerCount.init) {
            self = .container(count)
        } else {
            return nil
        }
    }
}

extension HTTPProbe {
    fileprivate init?(manifest value: Value) {
        if let path = value["path"].string {
            self.init(address: .instances(path: path, port: value["port"].int))
        } else if let url = Text(value["url"]) {
            self.init(address: .url(url))
        } else {
            return nil
        }
        if let percentile = Monitor.number(value["percentile"]) {
            figure = .latency(percentile: percentile)
        } else if let path = value["json"].string.flatMap(JSONPath.init) {
            figure = .json(path)
        }
        expect = value["expect"].int
        requests = value["requests"].int ?? requests
        headers = RequestHeaders(manifest: value)
    }
}

extension PrometheusProbe {
    fileprivate init?(manifest value: Value) {
        guard let url = Text(value["url"]), let text = value["query"].string, let query = try? QueryTemplate(text)
        else {
            return nil
        }
        self.init(url: url, query: query, headers: RequestHeaders(manifest: value))
    }
}

extension RequestHeaders {
    fileprivate init(manifest value: Value) {
        self.init(values: value["headers"].map.compactMapValues { Text($0) }, bearer: Text(value["bearer"]))
    }
}

extension BaselineLimits {
    fileprivate init?(manifest value: Value) {
        guard !value.map.isEmpty else { return nil }
        self.init(
            maxRatio: Monitor.number(value["max_ratio"]), minRatio: Monitor.number(value["min_ratio"]),
            maxDifference: Monitor.number(value["max_difference"]))
    }
}
