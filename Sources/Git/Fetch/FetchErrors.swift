import CLibGit2
import Model

/// Turns what the library says during a fetch into what a user can act on.
struct FetchErrors {
    let shown: String
    /// Whether the server is given a user and a token.
    let asUser: Bool
    /// What may stand in no message.
    let secrets: [String]

    /// A repository on this machine that does not open.
    func opening(_ failure: GitFailure) -> SourceError {
        if failure.isNotFound {
            return SourceError(
                .repositoryMissing, "there is no git repository at \(shown)", advice: "correct --repo, or create it")
        }
        return translate(failure)
    }

    /// Part of a history.
    var shallow: SourceError {
        SourceError(
            .unsupported, "\(shown) is a shallow clone, which cannot be fetched from",
            advice: "run `git fetch --unshallow` there, or fetch from the repository it was cloned from")
    }

    /// The branch is not among these references.
    func branchMissing(_ branch: String, among references: [String]) -> SourceError {
        let visibleBranch = VisibleText.line(branch, limit: 200)
        let names = references.filter { $0.hasPrefix("refs/heads/") }.map { String($0.dropFirst(11)) }.sorted()
        guard !names.isEmpty else {
            return SourceError(
                .branchMissing, "\(shown) is empty: it has no branch \(visibleBranch)",
                advice: "push a first commit to \(visibleBranch)")
        }
        let nearest = Names.nearest(to: branch, in: names)
        return SourceError(
            .branchMissing, "\(shown) has no branch \(visibleBranch)",
            advice: "push it again or give another one with --branch; there are "
                + list([nearest].compactMap { $0 } + names.filter { $0 != nearest }))
    }

    /// None of these tags is followed.
    func tagMissing(_ rule: TagRule, among tags: [String]) -> SourceError {
        SourceError(
            .tagMissing, "\(shown) has no tag that matches \(rule.shown)",
            advice: tags.isEmpty
                ? "push a tag; there is none"
                : "push one or change the rule; there are " + list(tags.sorted().reversed()))
    }

    /// The tag that was followed is not there any more, and only older ones are.
    func tagGone(_ tag: String, next: String) -> SourceError {
        SourceError(
            .tagMissing, "tag \(VisibleText.line(tag, limit: 200)) of \(shown), which was followed, is gone",
            advice: "push it again or push a newer one; to go back to \(VisibleText.line(next, limit: 200)), "
                + "change the rule so that it is the newest")
    }

    /// What a followed tag names is no commit.
    func noCommit(_ tip: Tip) -> SourceError {
        SourceError(
            .unsupported, "\(VisibleText.line(tip.name, limit: 200)) of \(shown) names no commit",
            advice: "put the tag on a commit")
    }

    private func list(_ names: [String]) -> String {
        let more = names.count > 5 ? " and \(names.count - 5) more" : ""
        return names.prefix(5).map { VisibleText.line($0, limit: 80) }.joined(separator: ", ") + more
    }

    /// Anything else.
    func translate(_ failure: GitFailure) -> SourceError {
        if let meaning = failure.meaning { return meaning }
        let words = cleaned(failure.message)
        func error(_ code: SourceError.Code, _ what: String, _ advice: String) -> SourceError {
            SourceError(code, what, advice: advice)
        }
        if failure.code == GIT_EAUTH.rawValue { return authentication }
        if failure.code == GitFailure.tooLarge {
            return error(
                .tooLarge, "\(shown) sends \(words)",
                "take what is large out of the repository's history, or follow a repository without it")
        }
        if failure.code == GitFailure.damagedPack {
            return error(
                .failed, "\(shown) sends a pack that is damaged: \(words)",
                "it is asked again; if it stays so, run `git fsck` in that repository")
        }
        if failure.isNoRoom {
            return error(
                .tooLarge, "the fetch of \(shown) needs more memory or larger files than it may have: \(words)",
                "take what is large out of the repository's history, or follow a repository without it")
        }
        if failure.code == GIT_ECERTIFICATE.rawValue || failure.isOf(GIT_ERROR_SSL) {
            return error(
                .unreachable, "no safe connection to \(shown): \(words)",
                "renew the server's certificate, or trust its authority with tls.ca")
        }
        if words.contains("objectformat") || words.contains("extension") {
            return error(
                .unsupported,
                "\(shown) has an extension that cannot be read, most likely SHA-256 object names: \(words)",
                "use a repository with SHA-1 object names")
        }
        if words.contains("error parsing REF pkt-line") {
            return error(
                .unsupported,
                "\(shown) cannot be read: it is a SHA-256 repository or a shallow clone",
                "use a full repository with SHA-1 object names")
        }
        if failure.isOf(GIT_ERROR_HTTP), let status = status(in: words) { return http(status) }
        if words.contains("redirect") { return redirected }
        if words.contains("content-type") || words.contains("invalid hex digit") || words.contains("bad packet length")
            || words.contains("invalid packet") || words.contains("http parser error")
        {
            return error(
                .repositoryMissing, "\(shown) answers, but not as a git server does: \(words)",
                "check --repo: it must be the address that `git clone` takes")
        }
        if words.hasPrefix("remote error") { return repositoryMissing(words) }
        if failure.isStorage {
            return error(.storage, "the fetch of \(shown) could not be kept: \(words)", "make room in the state folder")
        }
        if words.contains("proxy authentication required") { return proxyRefused }
        let missing = ["does not appear to be a git repository", "DENIED", "not found"]
        if failure.isOf(GIT_ERROR_SSH), missing.contains(where: words.contains) { return repositoryMissing(words) }
        if failure.isOf(GIT_ERROR_NET, GIT_ERROR_OS, GIT_ERROR_HTTP, GIT_ERROR_SSH) {
            return error(
                .unreachable, "\(shown) cannot be reached: \(words)",
                "check that the server runs and that this machine may reach it")
        }
        return error(
            .failed, "the fetch of \(shown) failed: \(words.isEmpty ? "no reason was given" : words)",
            "try `git fetch` by hand; if that works, this is a fault of ours")
    }

    /// Missing or wrong credentials over http.
    var authentication: SourceError {
        !asUser
            ? SourceError(
                .authentication, "\(shown) asks for credentials", advice: "set a user and a token for this repository")
            : SourceError(
                .authentication, "\(shown) refused the credentials",
                advice: "check the user and the token, and that they may read this repository")
    }

    /// An answer that is no success.
    func http(_ status: Int) -> SourceError {
        switch status {
        case 300...399: redirected
        case 401, 403: authentication
        case 407: proxyRefused
        case 404, 410:
            SourceError(
                .repositoryMissing, "there is no git repository at \(shown) (HTTP \(status))",
                advice: "correct --repo; some servers answer so where credentials are missing")
        case 429: limited(status, by: ResponseHead.retryAfter())
        case 503 where ResponseHead.retryAfter() != nil: limited(status, by: ResponseHead.retryAfter())
        default:
            SourceError(
                .unreachable, "\(shown) answered HTTP \(status)", advice: "look at the server's log; it is asked again")
        }
    }

    private func limited(_ status: Int, by span: TimeSpan?) -> SourceError {
        var error = SourceError(
            .limited, "\(shown) wants to be asked less often (HTTP \(status))",
            advice: "use a longer interval, or a webhook and the longest interval that will do")
        error.retryAfter = span
        return error
    }

    private func status(in words: String) -> Int? {
        guard words.hasPrefix("unexpected http status code: ") else { return nil }
        return Int(words.dropFirst(29))
    }

    /// Words from outside, without secrets and on one line.
    func cleaned(_ text: String) -> String {
        var text = text
        for secret in secrets where !secret.isEmpty {
            text = text.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "(secret)")
        }
        return VisibleText.line(text, limit: 300)
    }
}
