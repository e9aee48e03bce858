import Model

extension RolloutPolicy {
    /// From a value that was checked; what is not there keeps its default.
    init(manifest value: Value) {
        self.init()
        strategy = value["strategy"].string.flatMap(Strategy.init) ?? strategy
        maxParallel = value["max_parallel"].string.flatMap { Share($0) } ?? maxParallel
        minHealthyTime = TimeSpan(value["min_healthy_time"], default: minHealthyTime)
        healthyDeadline = TimeSpan(value["healthy_deadline"], default: healthyDeadline)
        progressDeadline = TimeSpan(value["progress_deadline"], default: progressDeadline)
        order = value["order"].string.flatMap(Order.init) ?? order
        maxUnavailable = value["max_unavailable"].string.flatMap { Share($0) }
        drainTimeout = TimeSpan(value["drain_timeout"], default: drainTimeout)
        steps = value["steps"].list.compactMap { RolloutStep(manifest: $0) }
        promotion = value["promotion"].string.flatMap(Promotion.init) ?? promotion
        preview = value["preview"].list.compactMap { Check(manifest: $0, timeout: .seconds(10)) }
        keepOld = TimeSpan(value["keep_old"], default: keepOld)
        first = value["first"].string.flatMap { Share($0) }
        batchBy = value["batch_by"].string
        maxUnreachable = value["max_unreachable"].string.flatMap { Share($0) } ?? maxUnreachable
    }
}

extension RolloutStep {
    /// From a value that was checked.
    init?(manifest value: Value) {
        if case .percent(let percent)? = value["weight"].string.flatMap({ Share($0) }) {
            self = .weight(percent)
        } else if let share = value["instances"].string.flatMap({ Share($0) }) {
            self = .instances(share)
        } else if let span = value["monitor"].int {
            self = .monitor(TimeSpan(milliseconds: Int64(span)))
        } else if let span = value["pause"].int {
            self = .pause(TimeSpan(milliseconds: Int64(span)))
        } else if let sentence = value["approve"].string {
            self = .approve(sentence == "true" ? "" : VisibleText.line(sentence))
        } else if value["match"] != .null {
            self = .match(value["match"])
        } else {
            return nil
        }
    }
}
