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
            let whose = whose(named(words, after: "Host key for ", before: " has changed"), access, host)
            let print = fingerprint(words).map { ", \($0)," } ?? ""
            return "the host key of \(whose) is another\(print) than \(knownHosts) lists: find out why before anything "
                + "else; if it was changed on purpose, put the new key there in place of the old one"
        }
        if all.contains("Host key verification failed") || all.contains("host key is known for") {
            let name = named(words, after: "host key is known for ", before: " and you have") ?? access.keyName
            let scan = name.hasPrefix("[") ? "-p \(port(name)) \(bare(name))" : name
            return "the host key of \(whose(name, access, host)) is not known: \(knownHosts) does not list \(name); "
                + "compare what `ssh-keyscan \(scan)` says with the host itself, and add it"
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
            if line.contains("you must have a tty") {
                return "sudo on \(host) wants a terminal, and there is none: take requiretty away for the user "
                    + "(`Defaults:USER !requiretty` in sudoers), or take `become` away"
            }
            if line.contains("not found") {
                return "sudo is not installed on \(host): install it there, sign in as root, or take `become` away"
            }
            return "sudo on \(host) refused: \(VisibleText.line(line, limit: 200))"
        }
        // Before a connection is open, what comes first says most; afterwards what came last.
        let lines = words.map(\.trimmingBlanks).filter { !$0.isEmpty }
        let word = (wasOpen ? lines.last : lines.first).map { ": " + VisibleText.line($0, limit: 200) } ?? ""
        if wasOpen { return "the connection to \(host) was lost\(word)" }
        if case .timedOut = ending { return "\(host) did not let us in within \(access.connectTimeout)\(word)" }
        return "\(host) cannot be reached\(word.isEmpty ? ": ssh ended without a word" : word)"
    }

    /// A jump host's key is one on the way.
    private static func whose(_ name: String?, _ access: HostAccess, _ host: String) -> String {
        guard let name, name != access.keyName else { return host }
        return "\(VisibleText.line(name, limit: 100)), on the way to \(host),"
    }

    private static func named(_ words: [String], after: String, before: String) -> String? {
        for line in words {
            guard let start = line.firstRange(of: after)?.upperBound,
                let end = line[start...].firstRange(of: before)?.lowerBound
            else { continue }
            return VisibleText.line(String(line[start..<end]), limit: 100)
        }
        return nil
    }

    private static func bare(_ name: String) -> String { String(name.dropFirst().prefix { $0 != "]" }) }

    private static func port(_ name: String) -> String { String(name.split(separator: ":").last ?? "22") }

    private static func fingerprint(_ words: [String]) -> String? {
        words.lazy.compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("SHA256:") }.map {
                String($0.last == "." ? $0.dropLast() : $0)
            }
        }.first
    }
}
