import ArgumentParser
import Glibc
import Model

struct InitCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Writes what is missing to begin: reconcile.yaml and an example environment.",
        discussion: """
            Writes a commented reconcile.yaml and, where there is no environment yet, an example in staging/. \
            Overwrites nothing.
            """)
    static let examples = [
        Example("reconcile init", "in the repository of the manifests"),
        Example("reconcile init --repo https://git.example/deploy.git", "elsewhere"),
    ]

    @OptionGroup(title: CommonOptions.title) var common: CommonOptions

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        var files = [(settings.configFile, Starter.configuration(repo: settings.sources.first?.repo ?? "."))]
        let here = FolderTree(root: ".")
        // An environment of the user's own says more than an example.
        if try await here.environments().isEmpty { files += Starter.example }
        var kept: [String] = []
        var written: [String] = []
        for (path, text) in files {
            if try InitCommand.write(text, to: path) { written.append(path) } else { kept.append(path) }
        }
        if settings.output == .json {
            let lists = ["written": written, "kept": kept].mapValues { Value.list($0.map { .string($0) }) }
            output.result(JSONText.of(.map(lists)))
        } else {
            let lines = written.map { "wrote \($0)" } + kept.map { "kept \($0), which is there" }
            output.result(lines.map { VisibleText.line($0) }.joined(separator: "\n"))
        }
        output.note(
            access(".git", F_OK) == 0
                ? "next: commit these files, then run `reconcile --dry-run`"
                : "next: name your repository in \(VisibleText.line(settings.configFile)), then run `reconcile --dry-run`"
        )
        return 0
    }

    /// False where the file is there already.
    static func write(_ text: String, to path: String) throws(CommandFailure) -> Bool {
        func failure() -> CommandFailure {
            CommandFailure(
                "\(VisibleText.line(path)) cannot be written (\(String(cString: strerror(errno))))",
                advice: "make its folder writable")
        }
        let folder = Paths.folder(of: path)
        if mkdir(folder, 0o777) != 0, errno != EEXIST { throw failure() }
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else {
            if errno == EEXIST { return false }
            throw failure()
        }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw failure() }
        return true
    }
}
