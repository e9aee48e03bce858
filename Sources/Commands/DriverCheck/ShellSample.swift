import Glibc
import Model

/// What the shell driver is tried with where no workload is given: files in a temporary folder.
enum ShellSample {
    /// Runs the body with a new folder and the manifest's text; the folder is removed afterwards.
    static func with<R>(_ body: (_ text: String, _ folder: String) async throws -> R) async throws -> R {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/reconcile-check-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure(
                "no folder can be made in \(VisibleText.line(parent)) (\(String(cString: strerror(errno))))",
                advice: "set TMPDIR to one that can be written")
        }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let secret = folder + "/secret"
        defer {
            unlink(secret)
            rmdir(folder)
        }
        guard try InitCommand.write("canary-\(UInt64.random(in: 0...UInt64.max))", to: secret) else {
            throw CommandFailure("\(secret) is there already", advice: "try again")
        }
        return try await body(manifest(folder), folder)
    }

    private static func manifest(_ folder: String) -> String {
        func workload(_ name: String, _ version: String, _ root: String) -> String {
            """
            kind: Workload
            name: \(name)
            driver: shell
            shell:
              env: {ROOT: '\(root)', VERSION: '\(version)', KEY: {secret: {file: '\(folder)/secret'}}}
              observe: test -d "$ROOT" || exit 3; cat "$ROOT/$RECONCILE_INSTANCE" 2>/dev/null || true
              apply: |
                set -e
                echo "$VERSION of $KEY"
                sleep 0.1
                printf %s "$RECONCILE_DIGEST" >"$ROOT/$RECONCILE_INSTANCE.new"
                mv "$ROOT/$RECONCILE_INSTANCE.new" "$ROOT/$RECONCILE_INSTANCE"
              remove: test -d "$ROOT" && rm -f "$ROOT/$RECONCILE_INSTANCE" "$ROOT/$RECONCILE_INSTANCE.new"
              health: test -s "$ROOT/$RECONCILE_INSTANCE"

            """
        }
        return [workload("sample", "1", folder), workload("sample", "2", folder)].joined(separator: "---\n")
            + "---\n" + workload("unreachable", "1", "/nowhere/at-all")
    }
}
