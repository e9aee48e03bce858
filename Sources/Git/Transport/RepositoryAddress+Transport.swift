extension RepositoryAddress {
    /// What git may speak, with colons between. An http address may lead to an https one.
    var protocols: String {
        switch kind {
        case .local: "file"
        case .ssh: "ssh"
        case .network(_, let isHTTP): isHTTP ? "http:https" : "git"
        }
    }

    /// The server's name and port as they stand in an http or https address; nil for others.
    var webHost: String? {
        guard case .network(let url, true) = kind, let start = url.firstRange(of: "://") else { return nil }
        return String(url[start.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" })
    }

    /// What a transport is given; `user` signs in over ssh.
    func url(user: String?) -> String {
        switch kind {
        case .local(let path): path
        case .network(let url, _): url
        case .ssh(let address): address.url(user: user ?? "git")
        }
    }
}
