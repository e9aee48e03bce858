import Model

/// What was seen on a host.
struct Facts: Sendable {
    /// A file, folder or anything else that has a path.
    struct File: Sendable {
        /// What kind it is and its permissions, as the kernel has them.
        var mode: Int
        var uid: String
        var gid: String
        var owner: String
        var group: String
        /// SHA-256 in hex, of what is a file.
        var sum: String?

        var isFile: Bool { mode & 0o170000 == 0o100000 }
        var isFolder: Bool { mode & 0o170000 == 0o040000 }
        var isLink: Bool { mode & 0o170000 == 0o120000 }
        var permissions: Int { mode & 0o7777 }
    }

    struct Unit: Sendable {
        /// Nil where nobody can enable or disable it, as it says nothing of how.
        var isEnabled: Bool?
        var isActive: Bool
        var needsReload: Bool
        /// `failed`, `inactive`, `activating`; `auto-restart` where it ended and systemd will try again.
        var state: String

        /// Whether it neither runs nor is about to.
        var isAtRest: Bool { !isActive && state != "activating" && state != Self.restarting }
        /// Whether a start would wait for the time of systemd's next try.
        var isRestarting: Bool { state == Self.restarting }

        static let restarting = "auto-restart"

        /// Whether it is as a manifest has it, where that says something.
        func matches(_ unit: WantedUnit) -> Bool {
            (unit.isRunning.map { $0 ? isActive : isAtRest } ?? true) && matchesEnabled(unit) && !needsReload
        }

        /// The same of `enabled` alone.
        func matchesEnabled(_ unit: WantedUnit) -> Bool {
            unit.isEnabled == nil || unit.isEnabled == isEnabled || isStatic
        }

        private var isStatic: Bool { isEnabled == nil }
    }

    struct CommandAnswer: Sendable {
        var output: String
        var status: Int
        /// What it said of itself, where it failed.
        var remark: String?
    }

    var files: [String: File] = [:]
    var links: [String: String] = [:]
    /// The version, where the package is installed; by its name, and by `NAME:ARCHITECTURE`.
    var packages: [String: String] = [:]
    /// How far packages are that are neither installed nor gone: `half-configured`.
    var unfinished: [String: String] = [:]
    var units: [String: Unit] = [:]
    /// By the question's key.
    var commands: [String: CommandAnswer] = [:]
    /// Notices that were given and not acted on yet, by their key.
    var pending: Set<String> = []
    /// Why something could not be seen: a line each.
    var complaints: [String] = []

    /// Which version of a package is there, or how far it is, for people.
    func state(ofPackage name: String) -> String { packages[name] ?? unfinished[name] ?? "not installed" }
}
