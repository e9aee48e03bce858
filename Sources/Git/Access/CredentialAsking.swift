import Model
import Processes

/// Asks a program for a user and a password. What it prints is never shown, nor what it complains about.
struct CredentialAsking {
    let configuration: GitSourceConfiguration
    let address: RepositoryAddress

    struct Answer: Equatable {
        var user: String?
        var password: String
        /// Until when it holds, in seconds since 1970, where the program says so.
        var validUntil: Int?
    }

    /// Throws `.authentication` where it fails, takes until the deadline, or says nothing that makes sense.
    func ask(_ program: CredentialProgram, deadline: ContinuousClock.Instant) async throws(SourceError) -> Answer {
        let result = await configuration.workers.runner.run(command(program, TimeSpan(until: deadline)))
        switch result.ending {
        case .exited(0): break
        case .exited(let status): throw refuse("ended with exit status \(status)")
        case .signaled(let signal): throw refuse("was ended by signal \(signal)")
        case .timedOut: throw refuse("did not answer within \(configuration.timeout)")
        case .cancelled: throw refuse("was cancelled")
        case .notStarted(let reason): throw refuse("could not be started: \(VisibleText.line(reason))")
        }
        guard !result.isTruncated, let answer = CredentialAsking.answer(in: result.output) else {
            throw refuse("printed neither a `password=` line nor one token")
        }
        return answer
    }

    private func command(_ program: CredentialProgram, _ timeout: TimeSpan) -> Command {
        var command: Command
        switch program {
        case .command(let line):
            command = Command("/bin/sh", ["-c", line], environment: configuration.environment)
        case .helper(let helper):
            command = Command("git", ["credential", "fill"], environment: configuration.environment)
            let settings = [("credential.helper", ""), ("credential.helper", helper)]
            for (index, setting) in settings.enumerated() {
                command.environment["GIT_CONFIG_KEY_\(index)"] = setting.0
                command.environment["GIT_CONFIG_VALUE_\(index)"] = setting.1
            }
            command.environment.merge([
                "GIT_CONFIG_COUNT": "2", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
                "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "/bin/false", "LC_ALL": "C",
            ]) { $1 }
            let user = configuration.access.user.map { "username=\($0)\n" } ?? ""
            let url = address.url(user: nil)
            let scheme = String(url.prefix { $0 != ":" }).lowercased()
            command.input = Array("protocol=\(scheme)\nhost=\(address.webHost ?? "")\n\(user)\n".utf8)
        }
        command.workingDirectory = configuration.access.folder
        command.timeout = timeout
        return command
    }

    /// `username=` and `password=` lines as of git's credential protocol, or one line that is the token.
    static func answer(in output: [UInt8]) -> Answer? {
        let lines = String(decoding: output, as: UTF8.self).split(separator: "\n").filter { !$0.isEmpty }
        func value(_ name: String) -> String? {
            lines.last { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
        }
        if let password = value("password") {
            let until = value("password_expiry_utc").flatMap { Int($0) }
            return password.isEmpty ? nil : Answer(user: value("username"), password: password, validUntil: until)
        }
        guard lines.count == 1, value("username") == nil, !lines[0].contains(" ") else { return nil }
        return Answer(user: nil, password: String(lines[0]))
    }

    private func refuse(_ what: String) -> SourceError {
        SourceError(
            .authentication, "the credentials for \(address.shown) cannot be had: their program \(what)",
            advice: "run it by hand as this user; its output is not shown here")
    }
}

extension TimeSpan {
    /// What is left, at least a millisecond.
    init(until deadline: ContinuousClock.Instant) {
        let left = ContinuousClock.now.duration(to: deadline).components
        self.init(milliseconds: max(1, left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000))
    }
}
