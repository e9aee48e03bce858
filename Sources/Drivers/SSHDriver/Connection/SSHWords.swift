import DriverKit
import Model
import Processes

/// What ssh said at its end, in a sentence that says what to do.
enum SSHWords {
    /// `words` are lines of its standard error, oldest first.
    static func reason(
        _ words: [String], _ access: HostAccess, knownHosts: String, ending: CommandResult.Ending?, wasOpen: Bool
    ) -> String {
        let all = words.joined(separator: "\n")
        let host = access.name == access.address ? access.name : "\(access.name) (\(access.keyName))"
        if all.contains("REMOTE HOST IDENTIFICATION HAS CHANGED") {
            let print = fingerprint(words).map { ", \($0)," } ?? ""
            return
                "the host key of \(host) is another\(print) than \(knownHosts) lists: find out why before anything else; if "
                + "it was changed on purpose, put the new key there in place of the old one"
        }
        if all.contains("Host key verification failed") || all.contains("host key is known for") {
            let port = access.port == 22 ? "" : "-p \(access.port) "
            return "the host key of \(host) is not known: \(knownHosts) does not list \(access.keyName); compare what "
                + "`ssh-keyscan \(port)\(access.address)` says with the host itself, and add it"
        }
        if let line = words.last(where: { $0.contains("Permission denied (") }) {
            return "\(host) lets nobody in with the keys that there are: \(VisibleText.line(line, limit: 200)); "
                + "name the key's file as `identity`, or add it to the agent"
        }
        if let line = words.last(where: { $0.hasPrefix("sudo: ") || $0.contains("sudo: ") }) {
            if line.contains("password is required") || line.contains("no tty present")
                || line.contains("terminal is required")
            {
                return
                    "sudo on \(host) asks for a password, and nobody is there to type it: let the user do it without "
                    + "(NOPASSWD in sudoers), or take `become` away"
            }
            return "sudo on \(host) refused: \(VisibleText.line(line, limit: 200))"
        }
        let last = words.last { !$0.isEmpty }.map { ": " + VisibleText.line($0, limit: 200) } ?? ""
        if wasOpen { return "the connection to \(host) was lost\(last)" }
        if case .timedOut = ending { return "\(host) did not let us in within \(access.connectTimeout)\(last)" }
        return "\(host) cannot be reached\(last.isEmpty ? ": ssh ended without a word" : last)"
    }

    private static func fingerprint(_ words: [String]) -> String? {
        words.lazy.compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("SHA256:") }.map {
                String($0.last == "." ? $0.dropLast() : $0)
            }
        }.first
    }
}
