import FoundationEssentials
import Model
import Processes

/// A real `git http-backend` behind lighttpd.
package enum GitHTTPServer {
    /// How it speaks TLS.
    package struct TLS: Sendable {
        /// The name of a certificate of the authority.
        package var certificate: String
        /// Who signed it.
        package var authority: TestAuthority
        /// The only version it speaks, `TLSv1.2` or `TLSv1.3`.
        package var version: String
        /// Whether clients must have a certificate of the same authority.
        package var asksClients: Bool

        /// All parts.
        package init(
            _ authority: TestAuthority, certificate: String = "server", version: String = "TLSv1.2",
            asksClients: Bool = false
        ) {
            self.authority = authority
            self.certificate = certificate
            self.version = version
            self.asksClients = asksClients
        }
    }

    /// Serves every repository below a folder and lends its address, `http://127.0.0.1:PORT` or, with TLS,
    /// `https://localhost:PORT`. With a user and password it asks for them; `/moved/…` is redirected to `redirect`.
    /// Keeps its files in `scratch`.
    package static func serve<R: Sendable>(
        _ folder: String, scratch: String, user: String? = nil, password: String? = nil, redirect: String? = nil,
        tls: TLS? = nil,
        _ body: @Sendable (String) async throws -> R
    ) async throws -> R {
        let port = try TestServer.freePort()
        var modules = ["mod_setenv", "mod_cgi", "mod_alias", "mod_redirect"]
        var lines = [
            "server.document-root = \"\(folder)\"", "server.bind = \"127.0.0.1\"", "server.port = \(port)",
            "server.errorlog = \"\(scratch)/lighttpd.log\"", "server.upload-dirs = (\"\(scratch)\")",
            "alias.url += (\"/git\" => \"/usr/lib/git-core/git-http-backend\")",
            "$HTTP[\"url\"] =~ \"^/git\" { cgi.assign = (\"\" => \"\")",
            "setenv.add-environment = (\"GIT_PROJECT_ROOT\" => \"\(folder)\", \"GIT_HTTP_EXPORT_ALL\" => \"1\",",
            "\"GIT_CONFIG_COUNT\" => \"1\", \"GIT_CONFIG_KEY_0\" => \"safe.directory\", \"GIT_CONFIG_VALUE_0\" => \"*\") }",
        ]
        if let user, let password {
            modules += ["mod_auth", "mod_authn_file"]
            try Data("\(user):\(password)\n".utf8).write(to: URL(filePath: scratch + "/users"))
            lines += [
                "auth.backend = \"plain\"", "auth.backend.plain.userfile = \"\(scratch)/users\"",
                "$HTTP[\"url\"] =~ \"^/git\" { auth.require = (\"\" =>",
                "(\"method\" => \"basic\", \"realm\" => \"git\", \"require\" => \"valid-user\")) }",
            ]
        }
        if let tls {
            modules.append("mod_openssl")
            let folder = tls.authority.folder
            lines += [
                "ssl.engine = \"enable\"", "ssl.pemfile = \"\(folder)/\(tls.certificate).pem\"",
                "ssl.privkey = \"\(folder)/\(tls.certificate).key\"",
                "ssl.openssl.ssl-conf-cmd = (\"MinProtocol\" => \"\(tls.version)\", \"MaxProtocol\" => \"\(tls.version)\")",
            ]
            if tls.asksClients {
                lines += [
                    "ssl.verifyclient.activate = \"enable\"", "ssl.verifyclient.enforce = \"enable\"",
                    "ssl.verifyclient.ca-file = \"\(tls.authority.certificate)\"",
                ]
            }
        }
        if let redirect { lines.append("url.redirect = (\"^/moved/(.*)\" => \"\(redirect)/$1\")") }
        let modulesLine = "server.modules = (\(modules.map { "\"\($0)\"" }.joined(separator: ", ")))"
        let configuration = scratch + "/lighttpd.conf"
        try Data(([modulesLine] + lines).joined(separator: "\n").utf8).write(to: URL(filePath: configuration))
        let command = Command(
            "/usr/sbin/lighttpd", ["-D", "-f", configuration], environment: ["PATH": "/usr/bin:/bin"],
            timeout: .seconds(600))
        return try await TestServer.run(command, port: port) {
            try await body(tls == nil ? "http://127.0.0.1:\(port)" : "https://localhost:\(port)")
        }
    }
}
