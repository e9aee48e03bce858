import Model

/// What stands between us and an http or https server.
package struct Proxy: Hashable, Sendable {
    /// `http://HOST:PORT`, without credentials; `https`, `socks5` and `socks5h`, too, by the git command.
    package var url: String
    /// Who signs in there.
    package var user: String?
    /// The password, read anew for each fetch.
    package var password: Text?

    /// All parts.
    package init(url: String, user: String? = nil, password: Text? = nil) {
        self.url = url
        self.user = user
        self.password = password
    }
}
