import CLibGit2
import Glibc
import Model

/// Turns what the git command and the ssh command complain about into what a user can act on.
struct GitComplaints {
    let errors: FetchErrors
    let access: FetchAccess
    let identity: SSHIdentity?

    private var shown: String { errors.shown }

    /// Their words are those of LC_ALL=C; what is not known is passed on as it is.
    func translate(_ said: String, status: Int32) -> SourceError {
        if let error = hostKey(said) ?? key(said) ?? web(said) ?? content(said) ?? network(said) { return error }
        let words = errors.cleaned(GitComplaints.line(said))
        // Git ends so when it writes to a server that is gone.
        if status == 128 + SIGPIPE {
            return SourceError(
                .unreachable, "\(shown) cannot be reached: it broke off the connection",
                advice: "check that the server runs and that this machine may reach it")
        }
        return SourceError(
            .failed, "the fetch of \(shown) failed: \(words.isEmpty ? "git ended with exit status \(status)" : words)",
            advice: "try `git fetch` by hand; if that works, this is a fault of ours")
    }

    /// Whether what is in the mirror already is what git stumbles over. What a server sends is no reason to doubt that.
    static func isDamage(_ said: String, mirror: String) -> Bool {
        said.split(whereSeparator: \.isNewline).contains { line in
            !line.hasPrefix("remote: ") && !line.contains("/tmp_")
                && (line.contains(mirror + "objects/") || line.contains("refs/sources/"))
        }
    }

    private func hostKey(_ said: String) -> SourceError? {
        let keys = HostKeyErrors(files: access.ssh.knownHosts)
        if let host = GitComplaints.between("Host key for ", " has changed", said) { return keys.changed(host, nil) }
        if let host = GitComplaints.between("host key for ", " was revoked", said) { return keys.revoked(host) }
        if let host = GitComplaints.between("host key is known for ", " and you have requested", said) {
            return keys.unknown(host)
        }
        guard said.contains("Host key verification failed") || said.contains("Certificate invalid") else { return nil }
        return keys.unknown(shown)
    }

    private func key(_ said: String) -> SourceError? {
        guard let identity else { return nil }
        if said.contains("incorrect passphrase") { return errors.wrongPassphrase(identity) }
        if let why = GitComplaints.between("Load key \"", "\n", said) {
            return SourceError(
                .authentication, "\(identity.shown) cannot be used: \(errors.cleaned(why))",
                advice: "check it with `ssh-keygen -y -f`")
        }
        guard said.contains("Permission denied (") || said.contains("Too many authentication failures") else {
            return nil
        }
        return errors.keyRefused(identity)
    }

    private func web(_ said: String) -> SourceError? {
        if said.contains("Authentication failed for") || said.contains("could not read Username")
            || said.contains("could not read Password")
        {
            return errors.authentication
        }
        if ["401", "403", "407"].contains(where: { said.contains("CONNECT tunnel failed, response " + $0) })
            || said.contains("Received HTTP code 407")
        {
            return errors.proxyRefused
        }
        if let status = GitComplaints.between("The requested URL returned error: ", "\n", said)
            .flatMap({ Int($0.prefix { $0.isNumber }) })
        {
            return errors.http(status)
        }
        if said.contains("certificate verification failed") || said.contains("SSL certificate problem")
            || said.contains("certificate subject name") || said.contains("certificate expired")
        {
            return SourceError(
                .unreachable,
                "no safe connection to \(shown): its certificate has expired, is for another name, or comes from an "
                    + "authority that is not trusted",
                advice: "renew the certificate, or trust its authority with tls.ca")
        }
        guard said.contains("gnutls") || said.contains("SSL") || said.contains("TLS") else { return nil }
        return SourceError(
            .unreachable, "no safe connection to \(shown): \(errors.cleaned(GitComplaints.line(said)))",
            advice: "check tls.ca, tls.certificate and tls.key, and what the server asks for")
    }

    private func content(_ said: String) -> SourceError? {
        if said.contains("mismatched algorithms") || said.contains("object-format") { return errors.otherFormat }
        if said.contains("shallow") { return errors.shallow }
        if said.contains("Could not resolve proxy") { return nil }
        let missing = [
            "does not appear to be a git repository", "' not found", "Repository not found", "DENIED",
            "no such repository",
            "access denied or repository not exported", "not exported",
        ]
        if let line = said.split(whereSeparator: \.isNewline).first(where: { missing.contains(where: $0.contains) }) {
            return errors.repositoryMissing(errors.cleaned(String(line)))
        }
        if said.contains("valid: is this a git repository") || said.contains("invalid content-type")
            || said.contains("protocol error") || said.contains("bad line length")
            || said.contains("invalid server response")
        {
            return SourceError(
                .repositoryMissing,
                "\(shown) answers, but not as a git server does: \(errors.cleaned(GitComplaints.line(said)))",
                advice: "check --repo: it must be the address that `git clone` takes")
        }
        // The worker's limits are those of its children.
        if ["out of memory", "Out of memory", "died of signal 25", "File too large"].contains(where: said.contains) {
            return errors.translate(GitFailure(category: GIT_ERROR_NOMEMORY, message: GitComplaints.line(said)))
        }
        guard said.contains("No space left on device") || said.contains("unable to write file") else { return nil }
        return SourceError(
            .storage, "the fetch of \(shown) could not be kept: \(errors.cleaned(GitComplaints.line(said)))",
            advice: "make room in the state folder")
    }

    private func network(_ said: String) -> SourceError? {
        let signs = [
            "unable to access", "Connection", "connect to", "Could not resolve", "hung up", "early EOF", "timed out",
            "Could not read from remote repository", "expected flush", "No route", "unreachable", "kex_exchange",
            "Unable to negotiate",
        ]
        guard signs.contains(where: said.contains) else { return nil }
        return SourceError(
            .unreachable, "\(shown) cannot be reached: \(errors.cleaned(reason(said)))",
            advice: "check that the server runs and that this machine may reach it")
    }

    /// What the server or ssh said before git summed up.
    private func reason(_ said: String) -> String {
        let lines = said.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy { $0 == " " || $0 == "@" } }
        let telling = lines.filter { line in
            !["Please make sure", "and the repository exists", "fatal: Could not read", "Warning: "]
                .contains { line.hasPrefix($0) }
        }
        return String(telling.last ?? lines.first ?? "")
    }

    /// What git says of it in the end.
    static func line(_ said: String) -> String {
        let lines = said.split(whereSeparator: \.isNewline)
        return String(lines.last { $0.hasPrefix("fatal: ") || $0.hasPrefix("error: ") } ?? lines.last ?? "")
    }

    private static func between(_ start: String, _ end: String, _ text: String) -> String? {
        guard let from = text.firstRange(of: start) else { return nil }
        let rest = text[from.upperBound...]
        guard let to = rest.firstRange(of: end) else { return end == "\n" ? String(rest) : nil }
        return String(rest[..<to.lowerBound])
    }
}
