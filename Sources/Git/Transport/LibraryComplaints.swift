import CLibGit2
import Model

/// Tells what the library cannot do from what nothing could do.
struct LibraryComplaints {
    let errors: FetchErrors
    let login: SSHLogin?
    let callbacks: RemoteCallbacks

    func translate(_ failure: GitFailure) -> ConnectFailure {
        if let login { return ssh(failure, login) }
        let error = errors.translate(failure)
        guard failure.isOf(GIT_ERROR_SSL), failure.code != GIT_ECERTIFICATE.rawValue else {
            return ConnectFailure(error: error)
        }
        // A certificate that is not believed has a code of its own: this is a handshake that did not come about.
        return ConnectFailure(
            error: error,
            limit: "libgit2 and the server have no TLS version or cipher in common (\(errors.cleaned(failure.message)))"
        )
    }

    private func ssh(_ failure: GitFailure, _ login: SSHLogin) -> ConnectFailure {
        let hosts = HostKeyErrors(files: login.settings.knownHosts)
        let (name, type) = (login.server.hostName, callbacks.keyType)
        switch callbacks.verdict {
        case .changed: return ConnectFailure(error: hosts.changed(name, type))
        case .revoked: return ConnectFailure(error: hosts.revoked(name))
        case .unknown: return ConnectFailure(error: hosts.unknown(name))
        case .otherTypes:
            // The git command asks for a key of a type that is listed, and is as strict.
            return ConnectFailure(
                error: hosts.unknown(name),
                limit: "libgit2 was shown a host key of type \(VisibleText.line(type ?? "", limit: 60)), "
                    + "and only others are listed")
        case .known, nil: break
        }
        if failure.message.contains("Unable to exchange encryption keys") {
            return ConnectFailure(
                error: errors.translate(failure), limit: "libgit2 and the server have no key exchange in common")
        }
        if failure.message.contains("Wrong passphrase") {
            return ConnectFailure(error: errors.wrongPassphrase(login.identity))
        }
        if failure.code == GIT_EAUTH.rawValue || failure.message.contains("Username/PublicKey combination invalid") {
            return ConnectFailure(error: errors.keyRefused(login.identity))
        }
        return ConnectFailure(error: errors.translate(failure))
    }
}
