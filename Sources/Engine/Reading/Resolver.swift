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
            deployables[workload.name] = Deployable(
                driver: workload.driver, block: workload.block, files: files,
                digest: driver.digest(block: workload.block, files: files), health: workload.health)
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
