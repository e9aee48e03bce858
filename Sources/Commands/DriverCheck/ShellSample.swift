import DriverKit
import Glibc
import Model

/// What the shell driver is tried with where no workload is given: files in a temporary folder.
enum ShellSample {
    /// Runs the body with a new folder and the manifest's text; the folder is removed afterwards.
    static func with<R>(_ body: (_ text: String, _ folder: String) async throws -> R) async throws -> R {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        let own: OwnFolder
        do throws(DriverFailure) {
            own = try OwnFolder.make(for: "the check", in: [(root: parent, prefix: "reconcile-check-")])
        } catch {
            throw CommandFailure(VisibleText.line("\(error)"), advice: "or set TMPDIR to one that can be written")
        }
        defer { own.remove() }
        let folder = own.path
        let secret = folder + "/secret"
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
