import DriverKit
import Manifests
import Model

/// From declared manifests to what is desired: every file resolved to its content's id, every digest computed.
struct Resolver: Sendable {
    let drivers: DriverRegistry

    /// What is desired, or the problems that only the source's files could show.
    func resolve(
        _ environment: Environment, tree folderTree: String, commit: String, in tree: any SourceTree,
        rootDefaults: [String]
    ) async throws(SourceError) -> Loaded {
        var problems: [Problem] = []
        var deployables: [String: Deployable] = [:]
        var listings: [String: [SourceFile]] = [:]
        var paths = Set(rootDefaults)
        let keys = try await hostKeys(environment, in: tree)
        problems += keys.problems
        paths.formUnion([environment.inventory.ssh.knownHosts].compactMap { $0 })
        for workload in environment.workloads {
            guard let driver = drivers[workload.driver] else { continue }
            var files: [SourceFile] = []
            for path in workload.filePaths {
                paths.insert(path)
                if listings[path] == nil { listings[path] = try await tree.files(under: path, limit: Limits.entries) }
                let found = listings[path] ?? []
                problems += complaints(about: found, path: path, workload: workload, prefix: tree.prefix)
                files += found
            }
            files = Array(Set(files)).sorted { $0.path < $1.path }
            func deployable(_ block: Value) -> Deployable {
                Deployable(
                    driver: workload.driver, block: block, files: files,
                    digest: driver.digest(block: block, files: files), health: workload.health)
            }
            guard let hosts = workload.hosts else {
                deployables[workload.name] = deployable(workload.block)
                continue
            }
            for host in hosts {
                guard let value = keys.hosts[host] else { continue }
                deployables[workload.instance(on: host)] = deployable(workload.block.placed(on: value))
            }
        }
        let input = Input(tree: folderTree, paths: try await tree.ids(at: paths.sorted()))
        guard problems.isEmpty else { return .broken(input, problems) }
        let needsFolder =
            environment.policy.hasCommands
            || environment.workloads.contains { $0.rollout.preview.contains(where: \.isCommand) }
        let folderFiles = needsFolder ? try await tree.files(under: environment.folder, limit: Limits.entries) : []
        return .desired(
            Desired(
                input: input, commit: commit, environment: environment, deployables: deployables,
                folderFiles: folderFiles))
    }

    /// Every host that a workload is on, as drivers get it: with its part of the source's file of host keys.
    private func hostKeys(
        _ environment: Environment, in tree: any SourceTree
    ) async throws(SourceError) -> (hosts: [String: Value], problems: [Problem]) {
        let inventory = environment.inventory
        let used = Set(environment.workloads.flatMap { $0.hosts ?? [] })
        var text: String?
        if let path = inventory.ssh.knownHosts {
            let files = try await tree.files(under: path, limit: 1)
            guard let file = files.first(where: { $0.path == path && ($0.kind == .file || $0.kind == .executable) })
            else {
                let folder = environment.folder.isEmpty ? "" : environment.folder + "/"
                let message =
                    "`ssh.known_hosts` names \(path), and there is no file at that path; add it or correct the path"
                return ([:], [Problem(file: tree.prefix + folder + "environment.yaml", message: message)])
            }
            text = String(
                decoding: try await tree.contents(of: [file], maxSize: Limits.fileSize).first ?? [], as: UTF8.self)
        }
        let all = text.map { KnownHostsText($0) }
        let addresses = Set(inventory.hosts.map(\.address))
        // Only ssh's own configuration may know that one of them is on the way to another: somebody has to have its key.
        let idle = Set(inventory.hosts.filter { !used.contains($0.name) }.map(\.address))
        let keeper = inventory.hosts.first { used.contains($0.name) }?.name
        var hosts: [String: Value] = [:]
        for host in inventory.hosts where used.contains(host.name) {
            let jumps = SSHHop.way(host.jump ?? inventory.ssh.jump ?? "") ?? []
            let others = addresses.subtracting(jumps.map(\.host) + [host.address])
                .subtracting(host.name == keeper ? idle : [])
            hosts[host.name] = inventory.value(
                of: host, knownHosts: all?.part(for: host.address, others: others))
        }
        return (hosts, [])
    }

    private func complaints(
        about files: [SourceFile], path: String, workload: Workload, prefix: String
    ) -> [Problem] {
        func problem(_ message: String) -> Problem {
            Problem(file: prefix + workload.file, line: workload.line, message: message)
        }
        if files.isEmpty {
            return [
                problem(
                    "\(workload.name): `files` names \(path), and there is nothing at that path; add it or correct the path"
                )
            ]
        }
        return files.compactMap { file in
            switch file.kind {
            case .symlink: problem("\(workload.name): \(file.path) is a symbolic link; put the file itself there")
            case .submodule: problem("\(workload.name): \(file.path) is a submodule; put its files there")
            case .file, .executable: nil
            }
        }
    }
}

/// What reading an environment's manifests came to.
enum Loaded: Sendable {
    case desired(Desired)
    case broken(Input, [Problem])

    var input: Input {
        switch self {
        case .desired(let desired): desired.input
        case .broken(let input, _): input
        }
    }
}

extension Policy {
    /// Whether anything of it runs a command in the environment's folder.
    var hasCommands: Bool {
        !notify.isEmpty || smoke.contains(where: \.isCommand)
    }
}

extension Check {
    fileprivate var isCommand: Bool {
        if case .command = probe { return true }
        return false
    }
}
