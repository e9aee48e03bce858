import Glibc
import Model

/// All that is known of a sign-in over ssh before the server is spoken to.
struct SSHLogin {
    let server: SSHAddress
    let user: String
    let identity: SSHIdentity
    let hosts: KnownHosts
    let settings: SSHSettings

    /// Throws where there is no key that could be used, or a host that could not be believed.
    init(_ server: SSHAddress, _ access: FetchAccess, shown: String) throws(SourceError) {
        self.server = server
        settings = access.ssh
        guard let user = server.user ?? access.user ?? SSHLogin.ourName else {
            throw SourceError(
                .configuration, "it is not said who signs in to \(shown)", advice: "write USER@ before the host")
        }
        guard SSHAddress(host: user + "@host") != nil, !user.contains("@") else {
            throw SourceError(
                .configuration, "\"\(VisibleText.line(user, limit: 100))\" is no user that can sign in over ssh",
                advice: "correct the user")
        }
        self.user = user
        let errors = HostKeyErrors(files: access.ssh.knownHosts)
        do throws(SmallFile.Unreadable) {
            hosts = try KnownHosts(files: access.ssh.knownHosts)
        } catch {
            throw errors.unreadable(error.reason)
        }
        for host in [server] + access.ssh.jump where !hosts.mentions(host) { throw errors.unknown(host.hostName) }
        identity = try SSHIdentity(access.ssh, shown: shown)
    }

    /// Why the library cannot do this; nil where it can try.
    var limit: String? {
        if !settings.jump.isEmpty { return "libgit2 cannot go through a jump host" }
        if hosts.hasAuthority(for: server) { return "libgit2 cannot check the certificates of hosts (@cert-authority)" }
        return identity.limit
    }

    /// The call of the ssh command. Throws `.configuration` for a path that cannot be handed to it.
    func command() throws(SourceError) -> SSHCommand {
        if let path = SSHCommand.complaint(about: settings) {
            throw SourceError(
                .configuration, "ssh cannot be given the path \(VisibleText.line(path))",
                advice: "use paths without quotes, ${ and control characters")
        }
        return SSHCommand(settings: settings, identity: identity, user: user)
    }

    private static var ourName: String? { getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) } }
}
