import Glibc

/// Our own binary as what git and ssh ask for a password or a passphrase. The answers are in variables that only that
/// child and its children have: they are on no disk and in no argument list.
package enum Askpass {
    static let password = "RECONCILE_ASKPASS_PASSWORD"
    static let passphrase = "RECONCILE_ASKPASS_PASSPHRASE"
    /// Which server the password is for, `HOST` or `HOST:PORT`.
    static let host = "RECONCILE_ASKPASS_HOST"

    /// Answers the question in the arguments (without the program's own name) where we were started to do so. Returns
    /// the exit status; nil where we were started for something else.
    package static func answer(_ arguments: [String]) -> Int32? {
        guard getenv(password) != nil || getenv(passphrase) != nil else { return nil }
        guard arguments.count == 1, let answer = answer(to: arguments[0]) else { return 1 }
        let line = Array((answer + "\n").utf8)
        return write(STDOUT_FILENO, line, line.count) == line.count ? 0 : 1
    }

    private static func answer(to question: String) -> String? {
        if question.hasPrefix("Enter passphrase for ") { return value(passphrase) }
        // `Password for 'https://robot@host:8443': `, and never for another host.
        guard question.hasPrefix("Password for '"), let host = value(host), question.contains("@\(host)'") else {
            return nil
        }
        return value(password)
    }

    private static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
