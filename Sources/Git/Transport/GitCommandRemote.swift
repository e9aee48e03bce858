import CLibGit2
import Glibc
import Model

/// A repository behind a server that the git command speaks to.
struct GitCommandRemote: Remote {
    private let url: String
    private let program: String
    private let variables: [String: String]
    private let request: FetchRequest
    private let errors: FetchErrors
    private let complaints: GitComplaints
    private let identity: SSHIdentity?
    private let isWeb: Bool
    private let listed = Listed()

    private final class Listed {
        var heads: [Tip]?
    }

    /// Connects to nothing yet. Throws `.unsupported` where a program is missing.
    init(
        address: RepositoryAddress, ssh: SSHCommand?, request: FetchRequest, errors: FetchErrors, mirror: Mirror
    ) throws(SourceError) {
        let searchPath = request.access.searchPath
        guard let program = GitCommand.locate("git", in: searchPath) else { throw errors.missing("git") }
        if ssh != nil, GitCommand.locate("ssh", in: searchPath) == nil { throw errors.missing("ssh") }
        self.program = program
        // Git does not tell how long a server wants to be left alone.
        ResponseHead.forget()
        self.request = request
        self.errors = errors
        identity = ssh?.identity
        isWeb = address.webHost != nil
        url = address.url(user: ssh?.user)
        complaints = GitComplaints(errors: errors, access: request.access, identity: ssh?.identity)
        let folder = String(cString: git_repository_path(mirror.repository.pointer))
        variables = GitEnvironment(address: address, access: request.access, mirror: folder, ssh: ssh).variables
    }

    func id(of name: String) throws(SourceError) -> git_oid? { try heads().first { $0.name == name }?.id }

    func names() throws(SourceError) -> [String] { try heads().map(\.name) }

    /// What the server lists, asked once.
    private func heads() throws(SourceError) -> [Tip] {
        if let known = listed.heads { return known }
        let output = try run(["ls-remote", "--quiet", "--heads", "--tags", "--refs", "--", url]).output
        var heads: [Tip] = []
        for line in output.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: "\t"), maxSplits: 1)
            guard parts.count == 2 else { continue }
            guard let id = git_oid(hex: String(decoding: parts[0], as: UTF8.self)) else { throw errors.otherFormat }
            heads.append(Tip(name: String(decoding: parts[1], as: UTF8.self), id: id))
        }
        // Over http git takes any page for an old server's list of branches, and finds none in it.
        if heads.isEmpty, isWeb { throw errors.nothingListed }
        listed.heads = heads
        return heads
    }

    func download(_ tip: Tip, known: git_oid?, into mirror: Mirror) throws(GitFailure) {
        let result: GitCommand.Result
        do throws(SourceError) {
            result = try attempt([
                "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-gc", "--no-auto-maintenance", "--",
                url, tip.name,
            ])
        } catch {
            throw GitFailure(error)
        }
        // What the mirror lacks is fetched into a new one. Where nothing is known its reference may lead nowhere.
        let isIncomplete = known == nil && result.errors.contains("did not send all necessary objects")
        if result.status != 0,
            isIncomplete || GitComplaints.isDamage(result.errors, mirror: variables["GIT_DIR"] ?? "")
        {
            throw GitFailure(category: GIT_ERROR_ODB, message: GitComplaints.line(result.errors))
        }
        if result.status != 0 { throw GitFailure(failure(result)) }
        if result.errors.contains("shallow roots are not allowed") { throw GitFailure(errors.shallow) }
        var id = tip.id
        let objects = try Handle(git_odb_free) { git_repository_odb(&$0, mirror.repository.pointer) }
        try LibGit.check(git_odb_refresh(objects.pointer))
        guard git_odb_exists(objects.pointer, &id) == 1 else { throw GitFailure(errors.moved(tip.name)) }
    }

    private func run(_ arguments: [String]) throws(SourceError) -> GitCommand.Result {
        let result = try attempt(arguments)
        if result.status != 0 { throw failure(result) }
        return result
    }

    private func attempt(_ arguments: [String]) throws(SourceError) -> GitCommand.Result {
        let result: GitCommand.Result
        do throws(GitCommand.StartFailure) {
            result = try GitCommand(path: program, arguments: arguments, environment: variables).run()
        } catch {
            throw SourceError(
                .failed, "the git command cannot be started: \(String(cString: strerror(error.code)))",
                advice: "reinstall git")
        }
        if result.isTooLong { throw errors.tooLong }
        return result
    }

    private func failure(_ result: GitCommand.Result) -> SourceError {
        let error = complaints.translate(result.errors, status: result.status)
        return error.code == .authentication ? wrongPassphrase() ?? error : error
    }

    /// ssh says nothing of a passphrase that does not open the key: it goes on without it, and is refused.
    private func wrongPassphrase() -> SourceError? {
        guard case .file(let key)? = identity, key.isEncrypted,
            let program = GitCommand.locate("ssh-keygen", in: request.access.searchPath),
            let opened = try? GitCommand(path: program, arguments: ["-y", "-f", key.path], environment: variables)
                .run(),
            opened.status != 0
        else { return nil }
        return errors.wrongPassphrase(.file(key))
    }
}
