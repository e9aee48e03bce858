import Model

/// Decides what speaks to the server. In `auto` the library goes first; the git command comes in only for what the library
/// cannot do, never because a server refused our credentials or showed a key or certificate that is not believed.
final class Connector {
    private let request: FetchRequest
    private let address: RepositoryAddress
    private let errors: FetchErrors
    /// What was used, and why; nil as long as no server was spoken to.
    private(set) var use: TransportUse?

    init(request: FetchRequest, address: RepositoryAddress, errors: FetchErrors) {
        self.request = request
        self.address = address
        self.errors = errors
    }

    /// Opens the repository.
    func open(_ mirror: Mirror) throws(SourceError) -> any Remote {
        if case .local(let path) = address.kind {
            return try LocalRemote(path: path, errors: errors)
        }
        try checkFiles()
        var login: SSHLogin?
        if case .ssh(let server) = address.kind { login = try SSHLogin(server, request.access, shown: address.shown) }
        switch request.access.transport {
        case .git:
            return try command(login, mirror, because: "`transport: git` says so")
        case .libgit2:
            if let limit = limit(login) { throw errors.beyondLibrary(limit) }
            use = TransportUse(.libgit2, because: "`transport: libgit2` says so")
            do throws(ConnectFailure) {
                return try library(login, mirror)
            } catch {
                throw error.limit.map { errors.beyondLibrary(error.error, $0) } ?? error.error
            }
        case .auto:
            if let limit = limit(login) ?? use?.reason ?? request.access.limit {
                return try command(login, mirror, because: limit)
            }
            do throws(ConnectFailure) {
                let remote = try library(login, mirror)
                use = TransportUse(.libgit2)
                return remote
            } catch {
                guard let limit = error.limit else {
                    use = TransportUse(.libgit2)
                    throw error.error
                }
                return try command(login, mirror, because: limit)
            }
        }
    }

    /// The git command trusts the machine's authorities where it cannot read those that it was given.
    private func checkFiles() throws(SourceError) {
        let tls = request.access.tls
        for (name, file) in [("ca", tls.authorities), ("certificate", tls.certificate), ("key", tls.key)] {
            guard address.webHost != nil, let file else { continue }
            do throws(SmallFile.Unreadable) {
                _ = try SmallFile.read(file, limit: 16 << 20)
            } catch {
                throw SourceError(
                    .configuration, "tls.\(name) \(VisibleText.line(file)) cannot be read: \(error.reason)",
                    advice: "put the file there and let this user read it")
            }
        }
    }

    private func library(_ login: SSHLogin?, _ mirror: Mirror) throws(ConnectFailure) -> any Remote {
        try NetworkRemote(address: address, login: login, request: request, errors: errors, mirror: mirror)
    }

    private func command(
        _ login: SSHLogin?, _ mirror: Mirror, because reason: String
    ) throws(SourceError) -> any Remote {
        use = TransportUse(.git, because: reason)
        do throws(SourceError) {
            return try GitCommandRemote(
                address: address, ssh: try login?.command(), request: request, errors: errors, mirror: mirror)
        } catch {
            guard error.code == .unsupported else { throw error }
            throw SourceError(.unsupported, "\(error.message), because \(reason)", advice: error.advice)
        }
    }

    /// Why the library cannot do this, as far as it can be told without asking the server.
    private func limit(_ login: SSHLogin?) -> String? {
        if let login { return login.limit }
        guard address.webHost != nil else { return nil }
        if request.access.tls.certificate != nil { return "libgit2 cannot present a client certificate" }
        if let proxy = request.access.proxy, !proxy.url.lowercased().hasPrefix("http://") {
            return "libgit2 speaks to http:// proxies only"
        }
        // It does not begin anew where a proxy closes the connection to ask who we are.
        if request.access.proxy?.user != nil { return "libgit2 cannot sign in at every proxy" }
        return nil
    }
}
