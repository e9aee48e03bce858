import CLibGit2
import Glibc
import Model

/// A repository behind git://, http(s):// or ssh, connected by the library.
struct NetworkRemote: Remote {
    private let remote: Handle
    private let callbacks: RemoteCallbacks
    private let request: FetchRequest
    private let errors: FetchErrors
    private let mirror: Mirror

    /// Connects. The library has no time limit of its own: whoever runs this process ends it at the deadline.
    init(
        address: RepositoryAddress, login: SSHLogin?, request: FetchRequest, errors: FetchErrors, mirror: Mirror
    ) throws(ConnectFailure) {
        self.request = request
        self.errors = errors
        self.mirror = mirror
        callbacks = RemoteCallbacks(login: login, access: request.access)
        do throws(GitFailure) {
            ResponseHead.forget()
            try NetworkRemote.prepare(address, login, request.access)
            remote = try Handle(git_remote_free) {
                git_remote_create_anonymous(&$0, mirror.repository.pointer, address.url(user: login?.user))
            }
            var options = git_remote_connect_options()
            try LibGit.check(
                git_remote_connect_options_init(&options, UInt32(GIT_REMOTE_CONNECT_OPTIONS_VERSION)))
            options.callbacks = callbacks.table
            options.follow_redirects = NetworkRemote.redirects(request.access)
            try NetworkRemote.withProxy(request.access.proxy) { proxy throws(GitFailure) in
                options.proxy_opts = proxy
                try LibGit.check(git_remote_connect_ext(remote.pointer, GIT_DIRECTION_FETCH, &options))
            }
        } catch {
            throw LibraryComplaints(errors: errors, login: login, callbacks: callbacks).translate(error)
        }
    }

    func id(of name: String) throws(SourceError) -> git_oid? { try heads().first { $0.name == name }?.id }

    func names() throws(SourceError) -> [String] { try heads().map(\.name) }

    /// What the server said when it was connected to.
    private func heads() throws(SourceError) -> [Tip] {
        var heads: UnsafeMutablePointer<UnsafePointer<git_remote_head>?>?
        var count = 0
        do {
            try LibGit.check(git_remote_ls(&heads, &count, remote.pointer))
        } catch {
            throw errors.translate(error)
        }
        return UnsafeBufferPointer(start: heads, count: count).compactMap { head in
            guard let head, let text = head.pointee.name else { return nil }
            let name = String(cString: text)
            // The commits of tags that are objects of their own are listed once more, under no valid name.
            return name.hasSuffix("^{}") ? nil : Tip(name: name, id: head.pointee.oid)
        }
    }

    func download(_ tip: Tip, known: git_oid?, into mirror: Mirror) throws(GitFailure) {
        var options = git_fetch_options()
        try LibGit.check(git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION)))
        options.callbacks = callbacks.table
        options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
        options.follow_redirects = NetworkRemote.redirects(request.access)
        callbacks.restart()
        // The pack goes to the mirror as it was when the connection was made.
        let packs = try PackGuard.place(before: self.mirror, limits: request.limits)
        try NetworkRemote.withProxy(request.access.proxy) { proxy throws(GitFailure) in
            options.proxy_opts = proxy
            let result = "+\(tip.name):\(request.reference.name)".withCString { text in
                var text: UnsafeMutablePointer<CChar>? = UnsafeMutablePointer(mutating: text)
                return withUnsafeMutablePointer(to: &text) { strings in
                    var list = git_strarray(strings: strings, count: 1)
                    return git_remote_download(remote.pointer, &list, &options)
                }
            }
            do throws(GitFailure) { try LibGit.check(result) } catch { throw packs.failure ?? error }
        }
    }

    /// What the library reads of its process alone.
    private static func prepare(
        _ address: RepositoryAddress, _ login: SSHLogin?, _ access: FetchAccess
    ) throws(GitFailure) {
        // Without HOME it does not connect; in a folder that is not there it finds no list of hosts of its own.
        setenv("HOME", "/nonexistent", 1)
        if case .agent(let socket, _)? = login?.identity { setenv("SSH_AUTH_SOCK", socket, 1) }
        // An http address may lead to an https one.
        if address.webHost != nil { try TrustedAuthorities.read(instead: access.tls.authorities) }
    }

    /// With credentials no redirect is followed: they are for the configured server alone.
    private static func redirects(_ access: FetchAccess) -> git_remote_redirect_t {
        access.holdsCredentials ? GIT_REMOTE_REDIRECT_NONE : GIT_REMOTE_REDIRECT_INITIAL
    }

    private static func withProxy(
        _ settings: ProxySettings?, _ body: (git_proxy_options) throws(GitFailure) -> Void
    ) throws(GitFailure) {
        var proxy = git_proxy_options()
        try LibGit.check(git_proxy_options_init(&proxy, UInt32(GIT_PROXY_OPTIONS_VERSION)))
        guard let settings else { return try body(proxy) }
        guard let address = strdup(settings.address) else { return try body(proxy) }
        defer { free(address) }
        proxy.type = GIT_PROXY_SPECIFIED
        proxy.url = UnsafePointer(address)
        try body(proxy)
    }
}
