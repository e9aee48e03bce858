import CLibGit2
import Model

/// A repository behind git:// or http(s)://, connected.
struct NetworkRemote: Remote {
    private let remote: Handle
    private let credentials: Credentials
    private let request: FetchRequest
    private let errors: FetchErrors
    private let mirror: Mirror

    /// Connects. The library has no time limit of its own: whoever runs this process ends it at the deadline.
    init(
        url: String, isHTTP: Bool, request: FetchRequest, errors: FetchErrors, mirror: Mirror
    ) throws(SourceError) {
        self.request = request
        self.errors = errors
        self.mirror = mirror
        credentials = Credentials(user: request.user ?? "git", token: request.token)
        do {
            ResponseHead.forget()
            // An http address may lead to an https one.
            if isHTTP { try TrustedAuthorities.read() }
            remote = try Handle(git_remote_free) { git_remote_create_anonymous(&$0, mirror.repository.pointer, url) }
            var options = git_remote_connect_options()
            try LibGit.check(
                git_remote_connect_options_init(&options, UInt32(GIT_REMOTE_CONNECT_OPTIONS_VERSION)))
            options.callbacks = credentials.callbacks
            // With credentials no redirect to another host is followed: they are for the configured one alone.
            options.follow_redirects =
                request.token == nil ? GIT_REMOTE_REDIRECT_INITIAL : GIT_REMOTE_REDIRECT_NONE
            try LibGit.check(git_remote_connect_ext(remote.pointer, GIT_DIRECTION_FETCH, &options))
        } catch {
            throw errors.translate(error)
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
        options.callbacks = credentials.callbacks
        options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
        options.follow_redirects = request.token == nil ? GIT_REMOTE_REDIRECT_INITIAL : GIT_REMOTE_REDIRECT_NONE
        credentials.restart()
        // The pack goes to the mirror as it was when the connection was made.
        let packs = try PackGuard.place(before: self.mirror, limits: request.limits)
        let result = "+\(tip.name):\(request.reference.name)".withCString { text in
            var text: UnsafeMutablePointer<CChar>? = UnsafeMutablePointer(mutating: text)
            return withUnsafeMutablePointer(to: &text) { strings in
                var list = git_strarray(strings: strings, count: 1)
                return git_remote_download(remote.pointer, &list, &options)
            }
        }
        do { try LibGit.check(result) } catch { throw packs.failure ?? error }
    }
}
