import Model

/// Units of systemd.
extension ActScript {
    mutating func apply(unit: WantedUnit, restarts: Bool, reloads: Bool, readsFiles: Bool) {
        if readsFiles { readUnits() }
        let seen = facts.units[unit.name]
        enable(unit, seen)
        let isActive = seen?.isActive ?? false
        if unit.isRunning == false {
            guard seen?.isAtRest == false else { return }
            systemctl("stop", unit)
            did("stopped \(unit.name)")
            changed.insert(unit.name)
        } else if unit.isRunning == true, !isActive {
            // Whoever failed too often in a while is not started again by itself. A start would wait for systemd's own next
            // try, or for the one that goes on, of the version before.
            if let seen, !seen.isAtRest || seen.state == "failed" { forgive(unit) }
            let isOther = seen?.isRestarting == true || (seen?.state == "activating" && restarts)
            systemctl(isOther ? "restart" : "start", unit)
            did("started \(unit.name)")
            changed.insert(unit.name)
        } else if isActive {
            tell(unit, restarts: restarts, reloads: reloads)
        }
    }

    /// Restarts or reloads a unit that runs.
    mutating func tell(_ unit: WantedUnit, restarts: Bool, reloads: Bool) {
        if restarts {
            // Our restarts are nothing that a unit is to be blamed for.
            forgive(unit)
            systemctl("restart", unit)
            did("restarted \(unit.name)")
        } else if reloads {
            systemctl("reload", unit)
            did("reloaded \(unit.name)")
        }
    }

    /// Lets systemd read all units' files again.
    mutating func readUnits() { must("systemctl daemon-reload", "systemctl daemon-reload") }

    private mutating func enable(_ unit: WantedUnit, _ seen: Facts.Unit?) {
        guard let isEnabled = unit.isEnabled else { return }
        let isOther = seen?.matchesEnabled(unit) != true
        if isEnabled, changed.contains(unit.path), seen?.isEnabled != false {
            // The new file may say that others want it.
            systemctl("reenable", unit)
        } else if isOther {
            systemctl(isEnabled ? "enable" : "disable", unit)
        }
        guard isOther else { return }
        did("\(isEnabled ? "enabled" : "disabled") \(unit.name)")
        changed.insert(unit.name)
    }

    /// Takes away what systemd holds against a unit, where it does.
    mutating func forgive(_ unit: WantedUnit) {
        line("systemctl reset-failed -- \(unit.name) >/dev/null 2>&1")
    }

    private mutating func systemctl(_ verb: String, _ unit: WantedUnit) {
        // The verb is ours.
        must("systemctl \(verb) \(unit.name)", "systemctl " + ShellCode(stringLiteral: verb) + " -- \(unit.name)")
    }
}

extension WantedUnit {
    /// Whether systemd reads a file: a unit, or what adds to one.
    static func isRead(_ path: String) -> Bool { folders.contains { path.hasPrefix($0) } }

    private static let folders = [
        folder, "/run/systemd/system/", "/usr/local/lib/systemd/system/", "/usr/lib/systemd/system/",
        "/lib/systemd/system/",
    ]
}
