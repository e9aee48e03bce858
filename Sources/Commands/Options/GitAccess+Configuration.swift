import Git
import Manifests

extension GitAccess {
    /// What a configuration in `folder` says; its paths are relative to that folder.
    init(_ said: AccessConfiguration, folder: String) {
        func path(_ path: String?) -> String? { path.map { Paths.join(folder, $0) } }
        let program: CredentialProgram? =
            said.helper.map { .helper($0) } ?? said.command.map { .command($0) }
        self.init(
            transport: said.transport.flatMap { Transport(rawValue: $0) } ?? .auto, user: said.user, token: said.token,
            credentials: program,
            ssh: SSHAccess(
                key: path(said.key), passphrase: said.passphrase, knownHosts: path(said.knownHosts),
                usesAgent: said.usesAgent, jump: said.jump),
            tls: TLSAccess(
                authorities: path(said.authorities), certificate: path(said.certificate), key: path(said.certificateKey)
            ),
            proxy: said.proxy.map { Proxy(url: $0, user: said.proxyUser, password: said.proxyPassword) }, folder: folder
        )
    }
}
