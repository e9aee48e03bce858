import CLibGit2

/// Answers a server that asks who we are: once, with what was configured.
final class Credentials {
    private let user: String
    private let token: String?
    private var isSpent = false

    init(user: String, token: String?) {
        self.user = user
        self.token = token
    }

    /// Lets the credentials be used once more, for another request.
    func restart() { isSpent = false }

    /// The library's callbacks; valid while this object is.
    var callbacks: git_remote_callbacks {
        var callbacks = git_remote_callbacks()
        git_remote_init_callbacks(&callbacks, UInt32(GIT_REMOTE_CALLBACKS_VERSION))
        guard token != nil else { return callbacks }
        callbacks.payload = Unmanaged.passUnretained(self).toOpaque()
        callbacks.credentials = { made, _, _, allowed, payload in
            guard let payload else { return GIT_EAUTH.rawValue }
            return Unmanaged<Credentials>.fromOpaque(payload).takeUnretainedValue().answer(made, allowed)
        }
        return callbacks
    }

    private func answer(_ made: UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>?, _ allowed: UInt32)
        -> Int32
    {
        // The library asks again for as long as the server refuses.
        guard !isSpent, let token, allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT.rawValue != 0 else {
            git_error_set_str(Int32(GIT_ERROR_HTTP.rawValue), "the server refused the credentials")
            return GIT_EAUTH.rawValue
        }
        isSpent = true
        return git_credential_userpass_plaintext_new(made, user, token)
    }
}
