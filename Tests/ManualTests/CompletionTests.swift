import Commands
import Foundation
import TestSupport
import Testing

/// The completion scripts, in the shells they are for.
@Suite struct CompletionTests {
    private static let scripts = CurrentTests.root.path(percentEncoded: false) + "docs/completions/"

    /// A folder with a record of two good environments in `st`, and some that nobody should be offered.
    private func withRecord(_ body: (String) async throws -> Void) async throws {
        try await TemporaryFolder.with { folder in
            let repository = try await TestRepository.create(at: folder + "/repo")
            _ = try await repository.commit([
                "staging/environment.yaml": "kind: Environment\n", "production/environment.yaml": "kind: Environment\n",
            ])
            let pass = await Programs.run(TestBinary.path, ["--repo", repository.path, "--state", "st"], in: folder)
            #expect(pass.status == 0, "\(pass.errors)")
            let hostile = [
                "$(touch pwned)", "`touch pwned`", "p\n;touch pwned", "p\u{1B}[2J", "p*", "p q", "-p", "../p",
            ]
            let rows = hostile.map { "('\($0)', 0, '{}')" }.joined(separator: ", ")
            let insert = await Programs.run(
                "/usr/bin/sqlite3", ["st/reconcile.sqlite"], in: folder,
                input: "INSERT INTO environments(name, passes, body) VALUES \(rows);")
            #expect(insert.status == 0, "\(insert.errors)")
            try await body(folder)
            #expect(!FileManager.default.fileExists(atPath: folder + "/pwned"))
        }
    }

    private static let lines: [(String, [String])] = [
        ("reconcile ", CommandPage.all.map(\.name) + ["help"]), ("reconcile --dry", ["--dry-run"]),
        ("reconcile --dry-run --det", ["--detailed-exitcode"]), ("reconcile wh", ["why"]), ("reconcile pa", ["pause"]),
        ("reconcile why --state st ", ["production", "staging"]),
        ("reconcile --state st why p", ["production"]), ("reconcile --state st -e ", ["production", "staging"]),
        ("reconcile --state=st --dry-run -e s", ["staging"]), ("reconcile rollback --state st pr", ["production"]),
        ("reconcile history --state st --environment ", ["production", "staging"]),
        ("reconcile status --output m", ["markdown"]), ("reconcile validate -o git", ["github", "gitlab"]),
        ("reconcile once --det", ["--detailed-exitcode"]), ("reconcile show --state st ", ["1", "2"]),
        ("reconcile run --log ", ["text", "json"]),
        ("reconcile schema --of c", ["configuration"]),
        // Nothing to offer is no reason to say something.
        ("reconcile why --state nowhere ", []), ("reconcile why --config /nonexistent ", []),
        ("reconcile why --state ", ["repo", "st"]), ("reconcile why --state st $(touch pwned)", []),
    ]

    @Test func bashIsOfferedWhatFits() async throws {
        let driver = """
            source "$1"
            while IFS= read -r line; do
                read -ra COMP_WORDS <<<"$line"
                [[ $line != *' ' ]] || COMP_WORDS+=('')
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_LINE=$line COMP_POINT=${#line} COMPREPLY=()
                _reconcile reconcile "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                printf '%s\\t' "${COMPREPLY[@]}"
                echo
            done
            """
        try await withRecord { folder in
            let result = await Programs.run(
                "/bin/bash", ["--norc", "-c", driver, "bash", Self.scripts + "reconcile.bash"], in: folder,
                input: Self.lines.map(\.0).joined(separator: "\n") + "\n")
            #expect(result.errors == "")
            let offered = result.output.split(separator: "\n", omittingEmptySubsequences: false).map {
                $0.split(separator: "\t").map(String.init).sorted()
            }
            try #require(offered.count == Self.lines.count + 1)
            for (line, found) in zip(Self.lines, offered) { #expect(found == line.1.sorted(), "\(line.0)") }
            let known = await Programs.run(
                "/bin/bash",
                ["--norc", "-c", "source \"$1\"; complete -p reconcile", "bash", Self.scripts + "reconcile.bash"],
                in: folder)
            #expect(known.output.hasSuffix("-F _reconcile reconcile\n"))
        }
    }

    /// Typed at a terminal: the name is completed, or what is run would not know it.
    @Test(
        .enabled(if: Programs.has("python3"), "needs python3"),
        arguments: [
            ("fish", ["-N", "-i"], "source '%/reconcile.fish'"),
            ("zsh", ["-f", "-i"], "fpath=('%' $fpath); autoload -Uz compinit; compinit -u -D"),
        ])
    func otherShellsCompleteAtATerminal(shell: String, options: [String], begin: String) async throws {
        guard Programs.has(shell) else { return }
        let driver = """
            import os, pty, select, sys, time
            pid, fd = pty.fork()
            if pid == 0:
                os.execvp(sys.argv[1], sys.argv[1:-2])
            seen, end = b"", time.time() + 120
            os.write(fd, sys.argv[-2].encode() + b"\\n" + sys.argv[-1].encode() + b"\\t\\n")
            while time.time() < end and b"everything is as" not in seen and b"no environment" not in seen:
                if select.select([fd], [], [], 1)[0]:
                    seen += os.read(fd, 65536)
            os.kill(pid, 9)
            sys.stdout.buffer.write(seen)
            """
        try await withRecord { folder in
            let folderOfScripts = Self.scripts.dropLast()
            let result = await Programs.run(
                "/usr/bin/python3",
                ["-c", driver, "/usr/bin/" + shell] + options + [
                    begin.replacing("%", with: folderOfScripts), "reconcile why --state st pro",
                ], in: folder)
            #expect(result.output.contains("everything is as git says"), "\(result.output) \(result.errors)")
        }
    }

    @Test(arguments: [("bash", "reconcile.bash"), ("zsh", "_reconcile"), ("fish", "reconcile.fish")])
    func everyScriptIsOneOfItsShellAndTheProgramPrintsIt(shell: String, file: String) async throws {
        try await TemporaryFolder.with { folder in
            let printed = await Programs.run(TestBinary.path, ["--generate-completion-script", shell], in: folder)
            #expect(printed.status == 0)
            #expect(printed.output == CurrentTests.text("docs/completions/" + file))
            guard Programs.has(shell) else { return }
            let parsed = await Programs.run("/usr/bin/" + shell, ["-n", Self.scripts + file], in: folder)
            #expect(parsed.status == 0 && parsed.errors == "", "\(parsed.errors)")
        }
    }

    /// What a script may ask is answered or not; never with a message.
    @Test(arguments: [
        ["---completion"], ["---completion", "why"], ["---completion", "frob", "--", "positional@0", "0", "0"],
        ["---completion", "why", "--", "positional@0", "x", "y"],
        ["---completion", "why", "--", "positional@9", "1", "1", "a"],
    ])
    func oddQuestionsAreMetWithSilence(arguments: [String]) async throws {
        try await TemporaryFolder.with { folder in
            let result = await Programs.run(TestBinary.path, arguments, in: folder)
            #expect(result.status == 64)
            #expect(result.output == "" && result.errors == "")
        }
    }
}
