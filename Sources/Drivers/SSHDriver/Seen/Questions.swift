import Model

/// What a host is asked, each thing once, for any number of instances.
struct Questions: Sendable {
    private(set) var paths: [String] = []
    private(set) var links: [String] = []
    private(set) var packages: [String] = []
    private(set) var units: [String] = []
    private(set) var commands: [(key: String, command: WantedCommand)] = []
    private(set) var notices: [String] = []
    private var known: Set<String> = []

    /// Adds what has to be seen to judge one instance.
    mutating func add(_ wanted: Wanted, _ id: Identity) {
        for file in wanted.allFiles {
            add("f", file.path, to: \.paths)
            if case .link = file.kind { add("l", file.path, to: \.links) }
        }
        if let release = wanted.release {
            add("f", release.current, to: \.paths)
            add("f", release.folder, to: \.paths)
            add("l", release.current, to: \.links)
        }
        for package in wanted.packages { add("p", package.name, to: \.packages) }
        for unit in wanted.units { add("u", unit.name, to: \.units) }
        for command in wanted.commands where command.observe != nil {
            let key = id.command(command)
            if known.insert("c" + key).inserted { commands.append((key, command)) }
        }
        for notice in wanted.notices(id) { add("n", notice.key, to: \.notices) }
    }

    /// Whether an answer to these is one to others, too.
    func cover(_ others: Questions) -> Bool {
        others.known.isSubset(of: known)
            && others.commands.allSatisfy { other in
                commands.contains { $0.key == other.key && $0.command.observe == other.command.observe }
            }
    }

    private mutating func add(_ kind: String, _ text: String, to list: WritableKeyPath<Questions, [String]>) {
        if known.insert(kind + text).inserted { self[keyPath: list].append(text) }
    }
}

/// Which instance something belongs to.
struct Identity: Hashable, Sendable {
    var environment: String
    var workload: String
    var instance: String

    /// Of a command's answer.
    func command(_ command: WantedCommand) -> String {
        "\(environment)/\(instance)/\(command.name)/\(command.digest)"
    }
}

/// Something that is to happen when something else has changed, even if we are cut off in between.
struct Notice {
    enum Act { case restart, reload, run }

    var act: Act
    /// The unit or command.
    var name: String
    /// What it waits for.
    var of: [String]
    /// A name for it on the host.
    var key: String

    /// Whether it is about something that has this name: itself, or what is below it.
    func waits(for name: String) -> Bool { of.contains { name == $0 || name.hasPrefix($0 + "/") } }
}

extension Wanted {
    /// What is to happen when something changes.
    func notices(_ id: Identity) -> [Notice] {
        func notice(_ act: Notice.Act, _ name: String, _ of: [String]) -> Notice {
            let text = [id.environment, id.instance, "\(act)", name] + of + [files.first?.path ?? ""]
            return Notice(
                act: act, name: name, of: of, key: String(Digest(ofText: text.joined(separator: "\n")).hex.prefix(32)))
        }
        var notices: [Notice] = []
        for command in commands where !command.onChange.isEmpty {
            notices.append(notice(.run, command.name, command.onChange))
        }
        for unit in units {
            // A unit that runs by another file than the one that is there runs at nothing that anybody wants.
            let restart = unit.restartOn + (unit.content == nil ? [] : [unit.path])
            if !restart.isEmpty { notices.append(notice(.restart, unit.name, restart)) }
            if !unit.reloadOn.isEmpty { notices.append(notice(.reload, unit.name, unit.reloadOn)) }
        }
        return notices
    }
}
