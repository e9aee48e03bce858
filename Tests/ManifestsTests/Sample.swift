import ContainerDriver
import Manifests
import Model
import Processes
import SSHDriver
import ShellDriver

/// Environments out of texts, as a source would give them.
enum Sample {
    /// As the shell driver describes itself: so the reference page and what is tested here are those of the real one.
    static let container = ContainerDriver(
        runner: ProcessRunner(), slots: Slots(1), baseEnvironment: [:]
    ).description
    static let ssh = SSHDriver(
        runner: ProcessRunner(), slots: Slots(1), baseEnvironment: [:], state: ""
    ).description
    static let shell = ShellDriver(runner: ProcessRunner(), slots: Slots(1), baseEnvironment: [:]).description

    static let crate = DriverDescription(
        name: "crate", block: [Schema.Field("image", .text, required: true, "What runs.")])

    static let parser = ManifestParser(drivers: [shell, crate], prefix: "deploy/")

    static let policy = "kind: Environment\n"

    static func workload(_ name: String, _ more: String = "") -> String {
        """
        kind: Workload
        name: \(name)
        driver: shell
        shell: {observe: a, apply: b, remove: c}
        \(more)
        """
    }

    static func entry(_ path: String, _ text: String, kind: SourceFile.Kind = .file) -> SourceFile {
        SourceFile(path: path, kind: kind, id: text, size: text.utf8.count)
    }

    /// Parses a folder; paths are relative to the environment's folder, those of `root` to the source.
    static func parse(
        _ files: [String: String], root: [String: String] = [:], name: String = "staging", policy: String = policy,
        extra: [SourceFile] = []
    ) -> ManifestParser.Result {
        var all = files
        if all["environment.yaml"] == nil { all["environment.yaml"] = policy }
        let entries = all.map { entry("\(name)/\($0.key)", $0.value) } + extra
        let defaults = root.map { entry($0.key, $0.value) }
        let contents = (Array(all.values) + Array(root.values)).reduce(into: [:]) { $0[$1] = Array($1.utf8) }
        return parser.environment(
            EnvironmentFolder(name: name, path: name, tree: "t"), entries: entries.sorted { $0.path < $1.path },
            defaults: defaults, contents: contents)
    }

    /// The problems of one workload file `web.yaml`.
    static func problems(_ text: String) -> [String] { parse(["web.yaml": text]).problems.map(\.diagnostic) }
}
