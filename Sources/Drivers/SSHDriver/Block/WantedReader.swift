import DriverKit
import Model
import Processes

/// Works out from a target's block, its files and its variables what should be on the host.
struct WantedReader {
    let target: InstanceTarget
    let deployable: Deployable
    let folder: String
    let store: ContentStore
    let expansion: Expansion
    /// The same for the commands' environment.
    let variables: [String: Text]

    /// `before` reads what is recorded instead of what is wanted.
    init(_ target: InstanceTarget, store: ContentStore, before: InstanceTarget.Before? = nil) {
        self.target = target
        deployable = before?.deployable ?? target.deployable
        folder = before?.folder ?? target.folder
        self.store = store
        variables = Self.variables(target, deployable.block)
        expansion = Expansion(variables: variables)
    }

    /// The files of the source that are templates, by the id of their content.
    static func templates(_ deployable: Deployable, folder: String) -> [String: String] {
        var paths: Set<String> = []
        for entry in deployable.block["files"].list {
            if let path = entry["template"].string { paths.insert(path) }
            if entry["expand"] == .bool(true), let path = entry["source"].string { paths.insert(path) }
        }
        for unit in deployable.block["units"].list {
            if let path = unit["template"].string { paths.insert(path) }
        }
        guard !paths.isEmpty else { return [:] }
        var found: [String: String] = [:]
        for file in deployable.files where paths.contains(where: { file.path == $0 || file.path.hasPrefix($0 + "/") }) {
            found[file.id] = folder + "/" + file.path
        }
        return found
    }

    private static func variables(_ target: InstanceTarget, _ block: Value) -> [String: Text] {
        var variables: [String: Text] = [:]
        for values in [block["vars"], block["host"]["vars"]] {
            for (name, value) in values.map { variables[name] = Text(value) }
        }
        variables["RECONCILE_ENVIRONMENT"] = .plain(target.environment)
        variables["RECONCILE_WORKLOAD"] = .plain(target.workload)
        variables["RECONCILE_INSTANCE"] = .plain(target.instance)
        variables["RECONCILE_INDEX"] = .plain(String(target.index))
        variables["RECONCILE_HOST"] = .plain(block["host"]["name"].string ?? "")
        variables["RECONCILE_ADDRESS"] = .plain(block["host"]["address"].string ?? "")
        return variables
    }

    /// Everything, or why it cannot be said.
    func read() throws(DriverFailure) -> Wanted {
        let block = deployable.block
        var wanted = Wanted(digest: deployable.digest.hex)
        wanted.timeout = TimeSpan(milliseconds: Int64(block["timeout"].int ?? 300_000))
        for entry in block["files"].list { wanted.files += try files(entry, &wanted.secrets) }
        try refuseTwice(wanted.files)
        wanted.release = try release(block["release"])
        wanted.packages = block["packages"].list.map { entry in
            WantedPackage(
                name: entry["name"].string ?? "", version: entry["version"].string,
                isAbsent: entry["absent"] == .bool(true))
        }
        for entry in block["commands"].list { wanted.commands.append(try command(entry)) }
        for entry in block["units"].list { wanted.units.append(try unit(entry, &wanted.secrets)) }
        let first = block["order"].list.compactMap { $0.string.flatMap(Wanted.Section.init) }
        wanted.order = first + Wanted.Section.allCases.filter { !first.contains($0) }
        for value in variables.values {
            if case .secret(let reference) = value, !wanted.commands.isEmpty {
                wanted.secrets.append(try secret(reference))
            }
        }
        for command in wanted.commands {
            for text in [command.observe, command.apply, command.remove] + command.environment.values.map(Optional.some)
            {
                if case .secret(let reference)? = text { wanted.secrets.append(try secret(reference)) }
            }
        }
        try checkNotices(wanted)
        return wanted
    }

    private func secret(_ reference: SecretReference) throws(DriverFailure) -> Secret {
        do throws(SecretError) { return try SecretReader.read(reference) } catch {
            throw DriverFailure(error.description)
        }
    }

    private func refuseTwice(_ files: [WantedFile]) throws(DriverFailure) {
        var seen: Set<String> = []
        for file in files where !file.isImplied {
            guard seen.insert(file.path).inserted else {
                throw DriverFailure("`files` has \(VisibleText.line(file.path)) twice: leave one of them out")
            }
        }
    }

    /// What something waits for must be there.
    private func checkNotices(_ wanted: Wanted) throws(DriverFailure) {
        let names = Set(
            wanted.allFiles.map(\.path) + wanted.packages.map(\.name) + wanted.commands.map(\.name)
                + wanted.units.map(\.name)
                + (wanted.release == nil ? [] : ["release"]))
        let asked = wanted.commands.flatMap(\.onChange) + wanted.units.flatMap { $0.restartOn + $0.reloadOn }
        if let unknown = asked.first(where: { name in
            !names.contains(name) && !names.contains { $0.hasPrefix(name + "/") }
        }) {
            throw DriverFailure(
                "a change of \(VisibleText.line(unknown, limit: 100)) is waited for, and nothing in the block has that name"
            )
        }
    }
}
