import FoundationEssentials
import Glibc
import Model
import Processes

/// A git repository with a worktree that a test commits to, made with the git command.
package struct TestRepository: Sendable {
    /// The worktree's absolute path; its repository is in `.git`.
    package let path: String

    private let runner = ProcessRunner()

    private init(path: String) { self.path = path }

    /// Makes an empty repository with the branch `main`. `format` is git's object format: `sha1` or `sha256`.
    package static func create(at path: String, format: String = "sha1") async throws -> TestRepository {
        let repository = TestRepository(path: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try await repository.git("init", "--quiet", "--object-format=\(format)")
        return repository
    }

    /// Runs git in the worktree and returns its standard output without the last newline. Throws where git fails.
    @discardableResult
    package func git(_ arguments: String..., input: [UInt8] = [], environment: [String: String] = [:]) async throws
        -> String
    {
        try await git(arguments, input: input, environment: environment)
    }

    /// As above, with a list.
    @discardableResult
    package func git(_ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:]) async throws
        -> String
    {
        let result = await runner.run(
            Command(
                "git",
                ["-c", "init.defaultBranch=main", "-c", "gc.auto=0", "-c", "protocol.file.allow=always"] + arguments,
                environment: TestRepository.environment.merging(environment) { $1 }, workingDirectory: path,
                input: input, outputLimit: 1 << 20))
        guard result.succeeded else {
            throw TestSupportError(
                "git \(arguments.joined(separator: " ")): \(result.ending) \(String(decoding: result.errors, as: UTF8.self))"
            )
        }
        let output = String(decoding: result.output, as: UTF8.self)
        return output.hasSuffix("\n") ? String(output.dropLast()) : output
    }

    /// Writes files, by path relative to the worktree; folders are made.
    package func write(_ files: [String: String]) throws {
        for (name, content) in files {
            let place = path + "/" + name
            let folder = place.split(separator: "/").dropLast().joined(separator: "/")
            try FileManager.default.createDirectory(atPath: "/" + folder, withIntermediateDirectories: true)
            try Data(content.utf8).write(to: URL(filePath: place))
        }
    }

    /// Removes a file or a folder of the worktree.
    package func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }

    /// Writes files and commits everything in the worktree. Returns the commit's id.
    @discardableResult
    package func commit(_ files: [String: String] = [:], message: String = "A change") async throws -> String {
        try write(files)
        try await git("add", "--all")
        try await git(
            ["commit", "--quiet", "--allow-empty", "--allow-empty-message", "--cleanup=verbatim", "--file=-"],
            input: Array(message.utf8))
        return try await head()
    }

    /// The commit that is checked out.
    package func head() async throws -> String { try await git("rev-parse", "HEAD") }

    /// Makes a branch at the commit that is checked out, and checks it out.
    package func branch(_ name: String) async throws { try await git("checkout", "--quiet", "-b", name) }

    /// Rewrites the newest commit, as a force-push does. Returns the new commit's id.
    @discardableResult
    package func rewrite(_ files: [String: String], message: String = "Rewritten") async throws -> String {
        try write(files)
        try await git("add", "--all")
        try await git("commit", "--quiet", "--amend", "--message", message)
        return try await head()
    }

    /// A fixed identity and date, and no settings of whoever runs the tests.
    private static var environment: [String: String] {
        var environment = [
            "GIT_AUTHOR_NAME": "Test Author", "GIT_AUTHOR_EMAIL": "author@example.com",
            "GIT_COMMITTER_NAME": "Test Committer", "GIT_COMMITTER_EMAIL": "committer@example.com",
            "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
        ]
        environment["PATH"] = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return environment
    }
}
