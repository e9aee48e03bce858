import Model

/// What a schema cannot say of `hosts`, `groups` and `ssh`.
extension NodeChecker {
    mutating func checkInventory(_ document: YAMLNode, _ inventory: InventoryBuilder) {
        for entry in document["hosts"]?.entries ?? [] {
            checkName(entry, what: "host")
            for name in entry.value["vars"]?.entries ?? [] { checkVariable(name) }
        }
        checkAddresses(document)
        let hosts = Set(document["hosts"]?.entries.map(\.key) ?? [])
        for entry in document["groups"]?.entries ?? [] {
            checkName(entry, what: "group")
            if hosts.contains(entry.key) {
                report(entry.place, "the group \(quoted(entry.key)) is named like a host: rename one of them")
            } else if entry.key == Inventory.everyone {
                report(entry.place, "the group `\(entry.key)` is there already: every host is in it")
            }
            for name in entry.value["vars"]?.entries ?? [] { checkVariable(name) }
            if let node = entry.value["hosts"] ?? (entry.value.entries.isEmpty ? entry.value : nil) {
                report(inventory.members(HostSelection(node), groups: false).problems)
            }
        }
        for (place, message) in inventory.conflicts { report(place, message) }
    }

    mutating func report(_ problems: [(place: Place, message: String)]) {
        for (place, message) in problems { report(place, message) }
    }

    private mutating func checkName(_ entry: YAMLNode.Entry, what: String) {
        guard !Names.isValid(entry.key) else { return }
        report(
            entry.place,
            "the name \(quoted(entry.key)) cannot be a \(what)'s: use lower-case letters, digits and hyphens, at most 63"
        )
    }

    private mutating func checkVariable(_ entry: YAMLNode.Entry) {
        guard !NodeChecker.isVariable(entry.key) else { return }
        report(entry.place, "the variable \(quoted(entry.key)) must be a name such as DATA_ROOT")
    }

    private mutating func checkAddresses(_ document: YAMLNode) {
        let usual = document["ssh"]?["port"]?.text ?? String(Host.usualPort)
        let usualJump = document["ssh"]?["jump"]?.text
        var seen: [HostPlace: String] = [:]
        for entry in document["hosts"]?.entries ?? [] {
            guard let node = entry.value["address"], let address = node.text else { continue }
            let port = entry.value["port"]?.text ?? usual
            let place = HostPlace(
                address: address, port: port, jump: entry.value["jump"]?.text ?? usualJump, config: nil)
            if let other = seen.updateValue(entry.key, forKey: place) {
                report(
                    node.place,
                    "\(VisibleText.line(address, limit: 80)) port \(port) is the host \(quoted(other)) already: keep one of them"
                )
            }
        }
    }

    /// What a schema cannot say of a workload's `hosts`: they belong to drivers that place instances on them.
    mutating func checkHosts(_ document: YAMLNode, _ driver: DriverDescription?) {
        guard let driver else { return }
        let rollout = document["rollout"]
        guard driver.placement == .onHosts else {
            for entry in document.entries where entry.key == "hosts" {
                report(entry.place, "`hosts`: the \(driver.name) driver places no instances on hosts of the inventory")
            }
            for entry in rollout?.entries ?? [] where ["first", "batch_by", "max_unreachable"].contains(entry.key) {
                report(
                    entry.place,
                    "`rollout.\(entry.key)` is about hosts, and the \(driver.name) driver places no instances on them")
            }
            return
        }
        if document["hosts"] == nil {
            report(
                document.place,
                "missing key `hosts`: the \(driver.name) driver needs the hosts that instances are on, such as `hosts: all`"
            )
        }
        for entry in document.entries where ["replicas", "autoscaling"].contains(entry.key) {
            report(
                entry.place,
                "`\(entry.key)`: the \(driver.name) driver has one instance on each host that `hosts` selects; remove the key"
            )
        }
        if let strategy = rollout?["strategy"], strategy.text == RolloutPolicy.Strategy.blueGreen.rawValue {
            report(
                strategy.place,
                "`rollout.strategy: blue-green` needs a second side, and the \(driver.name) driver changes hosts where they "
                    + "are: use rolling, where `first` hosts come before the others")
        }
    }
}
