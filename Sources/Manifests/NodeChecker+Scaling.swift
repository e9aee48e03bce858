import Model

extension NodeChecker {
    /// What a schema cannot say of `autoscaling`: a metric has a target, and the other way.
    mutating func checkScaling(_ scaling: YAMLNode) {
        let target = scaling["target"]
        guard let metric = scaling["metric"] else {
            for key in ["name", "target", "scale_up", "scale_down", "timeout"] {
                if let node = scaling[key] {
                    report(node.place, "`\(key)` belongs to `metric`: without one nothing is measured")
                }
            }
            return
        }
        checkMonitorProbe(metric)
        if target == nil { report(metric.place, "a `metric` needs a `target`: what the average shall be") }
        if let target, target.text.flatMap({ NumberText.read($0) }) == 0 {
            report(target.place, "`target` must be more than 0")
        }
        if let least = scaling["min"], least.text == "0" {
            report(least.place, "`autoscaling.min` must be at least 1 with a `metric`: of none nothing can be measured")
        }
        if let query = metric["prometheus"]?["query"], let text = query.text, let template = try? QueryTemplate(text),
            template.variables.contains(.side)
        {
            report(query.place, "`{{side}}` means nothing here: all instances are measured")
        }
    }
}
