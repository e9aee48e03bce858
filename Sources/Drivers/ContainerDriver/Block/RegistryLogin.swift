import FoundationEssentials
import Model
import Processes

/// How an engine signs in at a registry for us.
struct RegistryLogin: Sendable {
    /// The value of the header `X-Registry-Auth`; secret.
    let header: String
    /// What must not be seen of it.
    let secrets: [Secret]

    /// From the block's `registry`, read now; nil where there is nothing for that registry.
    static func read(_ registry: Value, for image: ImageReference) throws(SecretError) -> RegistryLogin? {
        if let path = registry["config"].string {
            let secret = try SecretReader.read(.file(path))
            func fail(_ reason: String) -> SecretError { SecretError(reference: .file(path), reason: reason) }
            guard let found = secret.withBytes({ try? JSONDecoder().decode(ConfigurationFile.self, from: Data($0)) })
            else { throw fail("is no `config.json` as `docker login` writes it") }
            if let login = found.login(for: image.registry) { return login }
            let registry = VisibleText.line(image.registry ?? "docker.io", limit: 100)
            throw fail(
                found.hasHelper(for: image.registry)
                    ? "leaves the login for \(registry) to a credential helper, which is not asked: write `username` and "
                        + "`password`, or a file with `auths`" : "has no login for \(registry)")
        }
        guard let user = Text(registry["username"]), let word = Text(registry["password"]) else { return nil }
        let (name, password) = (try secret(user), try secret(word))
        return RegistryLogin(
            user: name.withBytes { String(decoding: $0, as: UTF8.self) },
            password: password.withBytes { String(decoding: $0, as: UTF8.self) }, token: nil,
            registry: image.registry)
    }

    private init(user: String, password: String, token: String?, registry: String?) {
        var entries: [String: Value] = ["serveraddress": .string(registry ?? "https://index.docker.io/v1/")]
        if let token {
            entries["identitytoken"] = .string(token)
        } else {
            entries["username"] = .string(user)
            entries["password"] = .string(password)
        }
        header = Data(Value.map(entries).canonical.utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_")
        secrets = [password, token ?? "", header].map { Secret(Array($0.utf8)) }
    }

    private static func secret(_ text: Text) throws(SecretError) -> Secret {
        switch text {
        case .plain(let value): Secret(Array(value.utf8))
        case .secret(let reference): try SecretReader.read(reference)
        }
    }

    /// Docker's `config.json`, as `docker login` writes it.
    private struct ConfigurationFile: Decodable {
        struct Entry: Decodable {
            var auth: String?
            var username: String?
            var password: String?
            var identitytoken: String?
        }

        var auths: [String: Entry]?
        var credsStore: String?
        var credHelpers: [String: String]?

        /// Whether somebody else keeps the login for a registry.
        func hasHelper(for registry: String?) -> Bool {
            credsStore?.isEmpty == false || credHelpers?[registry ?? "https://index.docker.io/v1/"] != nil
        }

        func login(for registry: String?) -> RegistryLogin? {
            let names =
                registry.map { [$0, "https://" + $0, "http://" + $0] } ?? ["https://index.docker.io/v1/", "docker.io"]
            guard let entry = names.lazy.compactMap({ auths?[$0] }).first else { return nil }
            if let token = entry.identitytoken, !token.isEmpty {
                return RegistryLogin(user: "", password: "", token: token, registry: registry)
            }
            if let auth = entry.auth, !auth.isEmpty, let data = Data(base64Encoded: auth) {
                let pair = String(decoding: data, as: UTF8.self).split(
                    separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                guard pair.count == 2 else { return nil }
                return RegistryLogin(
                    user: String(pair[0]), password: String(pair[1]), token: nil, registry: registry)
            }
            guard let user = entry.username, let password = entry.password else { return nil }
            return RegistryLogin(user: user, password: password, token: nil, registry: registry)
        }
    }
}
