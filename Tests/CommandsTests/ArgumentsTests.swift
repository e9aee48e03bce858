import ArgumentParser
import Testing

@testable import Commands

@Suite struct ArgumentsTests {
    private func normal(_ line: String) throws -> String {
        try Arguments.normalised(line.split(separator: " ").map(String.init), commands: ReconcileCommand.names).joined(
            separator: " ")
    }

    @Test(arguments: [
        ("", "once"), ("--dry-run", "once --dry-run"), ("once --dry-run", "once --dry-run"),
        ("--state X status", "status --state X"), ("status --state X", "status --state X"),
        ("--state=X -v status -q", "status --state=X -v -q"), ("-e staging --dry-run", "once -e staging --dry-run"),
        ("--state wake status", "status --state wake"), ("-o json why staging", "why -o json staging"),
        ("--help", "--help"), ("-h", "-h"), ("--version", "--version"), ("status --help", "status --help"),
        ("help", "help"), ("help status", "help status"),
        ("pause --reason status staging", "pause --reason status staging"),
        ("--state X -- status", "once --state X -- status"), ("--repo", "once --repo"),
    ])
    func theNameComesFirst(line: String, expected: String) throws { #expect(try normal(line) == expected) }

    @Test(arguments: ["promote a b"])
    func whatIsNotBuiltSaysSo(line: String) throws {
        let error = #expect(throws: CommandFailure.self) { try normal(line) }
        #expect(error?.status == 64)
        #expect(error?.message.contains("is not built yet") == true)
    }

    @Test func anUnknownNameIsWrongUsageWithTheNearestOne() throws {
        let error = #expect(throws: CommandFailure.self) { try normal("statsu") }
        #expect(error?.status == 64)
        #expect(error?.message.contains("did you mean `status`?") == true)
        let hostile = #expect(throws: CommandFailure.self) {
            try Arguments.normalised(["\u{1B}[2J"], commands: ReconcileCommand.names)
        }
        #expect(hostile?.message.contains("\u{1B}") == false)
    }

    @Test(arguments: ReconcileCommand.names)
    func everyCommandTakesTheCommonOptionsBeforeAndAfterItsName(name: String) throws {
        let required: [String: [String]] = [
            "validate": ["."], "show": ["1"], "why": ["a"], "pause": ["a"], "resume": ["a"], "abort": ["a"],
            "rollback": ["a"], "forget": ["a"], "approve": ["a"], "reject": ["a"], "driver": ["check", "shell"],
        ]
        let options = [
            "--config", "c", "--repo", "r", "--branch", "b", "--path", "p", "--state", "s", "--git-timeout", "5s",
            "--no-drift",
            "--allow-delete", "-o", "json", "--no-color", "-v", "-q",
        ]
        for line in [options + [name] + (required[name] ?? []), [name] + (required[name] ?? []) + options] {
            let normal = try Arguments.normalised(line, commands: ReconcileCommand.names)
            let command = try #require(try ReconcileCommand.parseAsRoot(normal) as? any ToolCommand)
            #expect(type(of: command).configuration.commandName == name)
            #expect(command.common.state == "s")
            #expect(command.common.gitTimeout == "5s")
            #expect(command.common.noDrift && command.common.allowDelete && command.common.noColor)
        }
    }

    static let lines: [(String, Int32)] = [
        ("--help", 0), ("status --help", 0), ("help status", 0), ("--version", 0), ("--nonsense", 64), ("show", 64),
        ("show x", 64), ("driver check", 64), ("driver mend shell", 64), ("driver check shel", 64),
        ("--generate-completion-script tcsh", 64), ("--generate-completion-script=zsh", 0),
        ("why", 64), ("promote x", 64), ("approve", 64), ("approve x --as \u{1B}", 64), ("frob", 64),
        ("status -o xml", 64), ("status --git-timeout soon", 64),
        ("once --repo", 64), ("status --config /nonexistent/c.yaml", 1), ("history --state /nonexistent/s", 1),
        ("wake --state /nonexistent/s", 1), ("validate /nonexistent/p", 1), ("why x --state /nonexistent/s", 1),
        ("status --state /nonexistent/s -q", 0), ("run --log xml", 64), ("once --state /nonexistent/s", 64),
    ]

    @Test(arguments: lines) func exitStatuses(line: String, status: Int32) async {
        #expect(await CommandLineTool(line.split(separator: " ").map(String.init)).run() == status)
    }

    @Test func helpOfACommandIsItsOwn() throws {
        #expect(OnceCommand.helpMessage().contains("--dry-run"))
    }
}
