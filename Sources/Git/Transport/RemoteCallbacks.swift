import CLibGit2
import Model

/// What the library asks us while it connects: who we are, and whether a host is believed.
final class RemoteCallbacks {
    private let login: SSHLogin?
    private let user: String
    private let token: String?
    private var isSpent = false
    /// What was said of the host's key, if the library showed one.
    private(set) var verdict: KnownHosts.Verdict?
    /// The type of that key.
    private(set) var keyType: String?

    init(login: SSHLogin?, access: FetchAccess) {
        self.login = login
        user = access.user ?? "git"
        token = access.token
    }

    /// Lets the credentials be used once more, for another request.
    func restart() { isSpent = false }

    /// The library's callbacks; valid while this object is.
    var table: git_remote_callbacks {
        var callbacks = git_remote_callbacks()
        git_remote_init_callbacks(&callbacks, UInt32(GIT_REMOTE_CALLBACKS_VERSION))
        callbacks.payload = Unmanaged.passUnretained(self).toOpaque()
        if login != nil || token != nil {
            callbacks.credentials = { made, _, _, allowed, payload in
                guard let payload else { return GIT_EAUTH.rawValue }
                return Unmanaged<RemoteCallbacks>.fromOpaque(payload).takeUnretainedValue().answer(made, allowed)
            }
        }
        if login != nil {
            callbacks.certificate_check = { certificate, _, _, payload in
                guard let payload else { return GIT_ECERTIFICATE.rawValue }
                return Unmanaged<RemoteCallbacks>.fromOpaque(payload).takeUnretainedValue().check(certificate)
            }
        }
        return callbacks
    }

    private func answer(_ made: UnsafeMutablePointer<UnsafeMutablePointer<git_credential>?>?, _ allowed: UInt32)
        -> Int32
    {
        // The library asks again for as long as the server refuses.
        defer { isSpent = true }
        if let login {
            if allowed & GIT_CREDENTIAL_USERNAME.rawValue != 0 { return git_credential_username_new(made, login.user) }
            guard !isSpent, allowed & GIT_CREDENTIAL_SSH_KEY.rawValue != 0 else { return refused(GIT_ERROR_SSH) }
            switch login.identity {
            case .file(let key):
                return git_credential_ssh_key_new(made, login.user, nil, key.path, login.settings.passphrase)
            case .agent: return git_credential_ssh_key_from_agent(made, login.user)
            }
        }
        guard !isSpent, let token, allowed & GIT_CREDENTIAL_USERPASS_PLAINTEXT.rawValue != 0 else {
            return refused(GIT_ERROR_HTTP)
        }
        return git_credential_userpass_plaintext_new(made, user, token)
    }

    private func refused(_ category: git_error_t) -> Int32 {
        git_error_set_str(Int32(category.rawValue), "the server refused the credentials")
        return GIT_EAUTH.rawValue
    }

    /// The library's own opinion does not count: the list that it knows is not ours.
    private func check(_ certificate: UnsafeMutablePointer<git_cert>?) -> Int32 {
        guard let login, let certificate, certificate.pointee.cert_type == GIT_CERT_HOSTKEY_LIBSSH2 else {
            return GIT_ECERTIFICATE.rawValue
        }
        let key = certificate.withMemoryRebound(to: git_cert_hostkey.self, capacity: 1) { key -> [UInt8]? in
            guard key.pointee.type.rawValue & GIT_CERT_SSH_RAW.rawValue != 0, let bytes = key.pointee.hostkey else {
                return nil
            }
            return Array(UnsafeRawBufferPointer(start: bytes, count: key.pointee.hostkey_len))
        }
        guard let key else { return GIT_ECERTIFICATE.rawValue }
        let verdict = login.hosts.verdict(on: key, of: login.server)
        (self.verdict, keyType) = (verdict, SSHWire.type(ofKey: key))
        if verdict == .known { return 0 }
        git_error_set_str(Int32(GIT_ERROR_SSH.rawValue), "the host key is not believed")
        return GIT_ECERTIFICATE.rawValue
    }
}
