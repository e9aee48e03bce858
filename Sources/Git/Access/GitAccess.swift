import Model

/// All that one repository needs beyond its address.
package struct GitAccess: Hashable, Sendable {
    /// What speaks to the server.
    package var transport: Transport
    /// Who signs in: over http and https `git` where it is nil, over ssh whoever runs us, unless the address says.
    package var user: String?
    /// The password or token for http and https, read anew for each fetch.
    package var token: Text?
    /// Who knows the user and the token, where they are not given.
    package var credentials: CredentialProgram?
    /// For ssh addresses.
    package var ssh: SSHAccess
    /// For https addresses.
    package var tls: TLSAccess
    /// For http and https addresses.
    package var proxy: Proxy?
    /// Where credential programs run; nil for our own working directory.
    package var folder: String?

    /// All parts; the address alone is enough by default.
    package init(
        transport: Transport = .auto, user: String? = nil, token: Text? = nil, credentials: CredentialProgram? = nil,
        ssh: SSHAccess = SSHAccess(), tls: TLSAccess = TLSAccess(), proxy: Proxy? = nil, folder: String? = nil
    ) {
        self.transport = transport
        self.user = user
        self.token = token
        self.credentials = credentials
        self.ssh = ssh
        self.tls = tls
        self.proxy = proxy
        self.folder = folder
    }
}
