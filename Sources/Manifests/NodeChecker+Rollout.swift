import Model

extension NodeChecker {
    /// What a schema cannot say of `rollout`: which keys make sense together.
    mutating func checkRollout(_ document: YAMLNode, _ driver: DriverDescription?) {
        guard let rollout = document["rollout"] else { return }
        let strategy = rollout["strategy"]?.text ?? RolloutPolicy.Strategy.rolling.rawValue
        let needs = [
            ("promotion", ["canary", "blue-green"]), ("preview", ["blue-green"]),
            ("keep_old", ["blue-green"]),
        ]
        for (key, strategies) in needs {
            guard let value = rollout[key], !strategies.contains(strategy) else { continue }
            let names = strategies.map { "`strategy: \($0)`" }.joined(separator: " or ")
            report(value.place, "`rollout.\(key)` belongs to \(names), and this workload's is \(quoted(strategy))")
        }
        if let order = rollout["order"], let text = order.text {
            let fixed = ["recreate": "stop-first", "blue-green": "start-first"][strategy]
            if let fixed, fixed != text, RolloutPolicy.Order(rawValue: text) != nil {
                report(order.place, "`rollout.order`: \(strategy) is always \(fixed)")
            }
        }
        checkUnavailable(rollout, strategy: strategy, driver)
        for check in rollout["preview"]?.items ?? [] { checkProbe(check) }
        if strategy != RolloutPolicy.Strategy.canary.rawValue { checkLateSteps(rollout, strategy) }
        checkSteps(rollout["steps"]?.items ?? [], hasTraffic: document["traffic"] != nil)
    }

    /// Only a canary shifts by steps; with the others they come when the new version has everything.
    private mutating func checkLateSteps(_ rollout: YAMLNode, _ strategy: String) {
        for step in rollout["steps"]?.items ?? [] {
            for key in ["weight", "instances", "match"] {
                guard let node = step[key] else { continue }
                report(
                    node.place,
                    "`rollout.steps.\(key)` belongs to `strategy: canary`, and this workload's is \(quoted(strategy)): its steps "
                        + "come at the end and may be `monitor`, `pause` and `approve`")
            }
        }
    }

    private mutating func checkUnavailable(_ rollout: YAMLNode, strategy: String, _ driver: DriverDescription?) {
        guard let share = rollout["max_unavailable"], ["0", "0%"].contains(share.text) else { return }
        if strategy != "recreate", rollout["order"]?.text == RolloutPolicy.Order.stopFirst.rawValue {
            report(share.place, "`rollout.max_unavailable` is 0, and with `order: stop-first` one is missing each time")
        } else if let driver, driver.placement != .sideBySide, ["rolling", "canary"].contains(strategy) {
            report(
                share.place,
                "`rollout.max_unavailable` is 0, and the \(driver.name) driver changes instances where they are: one is missing each time"
            )
        }
    }

    private mutating func checkSteps(_ steps: [YAMLNode], hasTraffic: Bool) {
        var weight = 0
        var count: (percent: Bool, number: Int)?
        for step in steps {
            if let node = step["weight"], case .percent(let percent)? = node.text.flatMap({ Share($0) }) {
                if percent < weight {
                    report(node.place, "the weights of `rollout.steps` fall, from \(weight)% to \(percent)%")
                }
                weight = max(weight, percent)
            }
            if let node = step["instances"], let share = node.text.flatMap({ Share($0) }) {
                let new: (percent: Bool, number: Int) =
                    switch share {
                    case .count(let number): (false, number)
                    case .percent(let number): (true, number)
                    }
                if new.number == 0 { report(node.place, "`rollout.steps.instances` must be at least 1") }
                if let last = count, last.percent == new.percent, new.number < last.number {
                    report(node.place, "the numbers of instances in `rollout.steps` fall")
                }
                count = new
            }
            if let node = step["approve"], let text = node.text, ["", "false"].contains(text) {
                report(node.place, "`rollout.steps.approve` must be true or a sentence, not \(quoted(text))")
            }
            if let match = step["match"] { checkMatch(match, hasTraffic: hasTraffic) }
        }
    }

    private mutating func checkMatch(_ match: YAMLNode, hasTraffic: Bool) {
        if !hasTraffic {
            report(match.place, "`rollout.steps.match` needs a balancer: give the workload a `traffic` block")
        }
        for entry in match.entries {
            if let name = entry.value["name"], let text = name.text, !NodeChecker.isToken(text) {
                report(
                    name.place,
                    "the name of a \(entry.key) holds letters, digits, `-` and `_` only, not \(quoted(text))")
            }
            if let value = entry.value["value"], let text = value.text, !NodeChecker.isPlainValue(text) {
                report(
                    value.place,
                    "the value of a \(entry.key) holds letters, digits and `. _ ~ - + / = :` only, not \(quoted(text))")
            }
        }
    }

    /// What every balancer can say without quoting.
    private static func isToken(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    }

    private static func isPlainValue(_ text: String) -> Bool {
        (1...256).contains(text.utf8.count)
            && text.utf8.allSatisfy { isLetterOrDigit($0) || "._~-+/=:".utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
