import Model

/// A command made ready to be spawned: everything checked and laid out before the one thread that spawns sees it.
struct Launch: Sendable {
    var executable: String
    var arguments = StringBlock()
    var environment = StringBlock()
    /// Where a bare name is looked up: the child's own PATH.
    var searchPath: String
    var workingDirectory: String?
    var input: [UInt8]
    /// Whether there is a pipe to it even where nothing is to be written yet.
    var keepsInput = false
    /// Milliseconds.
    var timeout: Int64
    var capture: Capture
    var mergesErrors: Bool

    init(_ command: Command, runID: String?, margin: Int) throws(NotStarted) {
        executable = command.executable
        workingDirectory = command.workingDirectory
        input = command.input
        timeout = max(0, min(command.timeout.milliseconds, 1 << 52))
        capture = Capture(limit: command.outputLimit, margin: margin)
        mergesErrors = command.mergesErrors
        searchPath = command.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"

        arguments.append(command.executable)
        for argument in command.arguments { arguments.append(argument) }
        for (name, value) in command.environment where command.secrets[name] == nil && name != Launch.runVariable {
            try Launch.check(name)
            environment.append("\(name)=\(value)")
        }
        for (name, secret) in command.secrets where name != Launch.runVariable {
            try Launch.check(name)
            secret.withBytes { environment.append("\(name)=", $0) }
        }
        if let runID { environment.append("\(Launch.runVariable)=\(runID)") }
        if executable.isEmpty { throw NotStarted(reason: "no program is named") }
        if arguments.holdsNul || workingDirectory?.utf8.contains(0) == true {
            throw NotStarted(reason: "an argument holds a NUL byte")
        }
        if environment.holdsNul { throw NotStarted(reason: "a variable of its environment holds a NUL byte") }
    }

    /// What marks every child of a state folder, so that the next start finds those that outlived us.
    static let runVariable = "RECONCILE_RUN"

    private static func check(_ name: String) throws(NotStarted) {
        guard !name.isEmpty, !name.utf8.contains(UInt8(ascii: "=")) else {
            throw NotStarted(reason: "'\(VisibleText.line(name, limit: 60))' cannot be the name of a variable")
        }
    }
}
