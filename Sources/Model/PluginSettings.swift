/// Which program a plugin is and how it is treated: what the configuration says of it.
package struct PluginSettings: Hashable, Sendable {
    /// What `driver:` says in manifests.
    package var name: String
    /// The program's absolute path; nil where it is looked for in PATH.
    package var path: String?
    /// How long one request may take.
    package var timeout: TimeSpan
    /// How long it is kept without a request.
    package var idle: TimeSpan
    /// Further variables of its environment.
    package var environment: [String: Text]

    /// All parts.
    package init(
        name: String, path: String? = nil, timeout: TimeSpan = .seconds(60), idle: TimeSpan = .seconds(300),
        environment: [String: Text] = [:]
    ) {
        self.name = name
        self.path = path
        self.timeout = timeout
        self.idle = idle
        self.environment = environment
    }

    /// The program as it is started.
    package var program: String { path ?? "reconcile-driver-\(name)" }
}
