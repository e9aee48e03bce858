import Model

/// What both transports say in the same words.
extension FetchErrors {
    /// The server sends us to another address.
    var redirected: SourceError {
        SourceError(
            .configuration, "\(shown) sends us elsewhere, and credentials are given to no other address",
            advice: "give the address it redirects to with --repo")
    }

    /// The proxy does not let us through.
    var proxyRefused: SourceError {
        SourceError(
            .authentication, "the proxy asks for other credentials on the way to \(shown)",
            advice: "check proxy.user and proxy.password")
    }

    /// The server has no such repository, or does not show it to us.
    func repositoryMissing(_ words: String) -> SourceError {
        SourceError(
            .repositoryMissing, "\(shown) was refused by its server: \(words)",
            advice: "check --repo, and that the server exports this repository to this user")
    }

    /// The server does not know our key.
    func keyRefused(_ identity: SSHIdentity) -> SourceError {
        SourceError(
            .authentication, "\(shown) refused \(identity.shown)",
            advice: "add the public key on the server, and check the user in the address")
    }

    /// The key is there and does not open.
    func wrongPassphrase(_ identity: SSHIdentity) -> SourceError {
        SourceError(
            .authentication, "the passphrase of \(identity.shown) is wrong",
            advice: "correct ssh.passphrase; `ssh-keygen -y -f KEY` asks for it")
    }

    /// A list of branches without any.
    var nothingListed: SourceError {
        SourceError(
            .branchMissing, "\(shown) lists no branch: it is empty, or answers not as a git server does",
            advice: "check --repo, and push a first commit")
    }

    /// Objects that are named by SHA-256.
    var otherFormat: SourceError {
        SourceError(
            .unsupported, "\(shown) cannot be read: it is a SHA-256 repository",
            advice: "use a repository with SHA-1 object names")
    }

    /// A force-push came between the question and the download.
    func moved(_ name: String) -> SourceError {
        SourceError(
            .unreachable, "\(VisibleText.line(name, limit: 200)) of \(shown) moved while it was fetched",
            advice: "it is tried again")
    }

    /// A list beyond all reason.
    var tooLong: SourceError {
        SourceError(
            .tooLarge, "\(shown) lists more branches and tags than can be read",
            advice: "remove those that nobody needs")
    }

    /// The library alone was asked for, and failed in a way that the git command might not.
    func beyondLibrary(_ error: SourceError, _ limit: String) -> SourceError {
        SourceError(
            error.code, error.message, advice: "\(error.advice); or set `transport: auto`, because \(limit)")
    }

    /// The library alone was asked for, and cannot do it.
    func beyondLibrary(_ limit: String) -> SourceError {
        SourceError(
            .unsupported, "\(shown) cannot be fetched by libgit2: \(limit)",
            advice: "set `transport: auto` or `transport: git`")
    }

    /// The git command or what it needs is not installed.
    func missing(_ program: String) -> SourceError {
        SourceError(
            .unsupported, "\(shown) needs the \(program) command, which is in no folder of PATH",
            advice: "install \(program)")
    }
}
