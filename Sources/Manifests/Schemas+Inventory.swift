import Model

/// The hosts of an environment and how they are reached.
extension Schemas {
    static let hosts = Schema.map(
        .object(
            [
                Field(
                    "address", .form(address), required: true,
                    "What ssh connects to: a name, an address, or an alias of ssh's own configuration.")
            ] + reaching + [
                Field("labels", .map(.plain), "What `hosts` of workloads and `batch_by` go by."),
                Field("vars", .map(.text), "What templates and commands may name; wins over what groups say."),
            ]))

    static let groups = Schema.map(
        .namesOr(
            key: "hosts",
            [
                Field("hosts", .selection, required: true, "Who is in it: a list of hosts, or labels of hosts."),
                Field("labels", .map(.plain), "Labels of every host in it."),
                Field("vars", .map(.text), "Variables of every host in it."),
            ]))

    static let ssh = Schema.object(
        [
            Field(
                "known_hosts", .sourcePath,
                "The file of host keys in the repository; without it the state folder's `known_hosts/ENVIRONMENT`."),
            Field(
                "config", .form(absolute),
                "A configuration of ssh on the machine that runs reconcile; without it the user's own."),
        ] + reaching + [
            Field("connect_timeout", .durationAtLeast(100), fallback: "10s", "How long a connection may take to open."),
            Field("connections", .integer(1...1_000), fallback: "30", "How many may be being opened at once."),
            Field("keep_alive", .durationAtLeast(1_000), fallback: "15s", "The pause between two signs of life."),
        ])

    /// What holds for one host, or for all that say nothing else.
    private static let reaching: [Field] = [
        Field(
            "port", .integer(1...65_535),
            "Where sshd listens; without it ssh's own configuration decides, which says 22 where it says nothing."),
        Field("user", .form(user), "As whom; without it ssh's own configuration decides."),
        Field(
            "jump", .form(jump),
            "The machine in between: `HOST`, `USER@HOST:PORT`, or several with commas, the first that is reached first; without it ssh's own configuration decides."
        ),
        Field(
            "identity", .form(absolute),
            "The private key's file on the machine that runs reconcile; without it the agent and ssh's own configuration decide."
        ),
        Field("become", .choice(["none", "sudo"]), "How to become root: `sudo -n`, or not at all."),
    ]

    private static let address = TextForm(
        name: "a host's name or address", pattern: "^[A-Za-z0-9_:.][A-Za-z0-9_:.%-]*$", example: "192.0.2.7",
        holds: SSHHop.isHost)

    private static let user = TextForm(
        name: "a user's name", pattern: "^[A-Za-z0-9_.][A-Za-z0-9_.@+-]*$", example: "deploy", holds: SSHHop.isUser)

    private static let jump = TextForm(
        name: "HOST, USER@HOST:PORT or several of them with commas",
        pattern: "^[A-Za-z0-9_.\\[][A-Za-z0-9_.@+:,%\\[\\]-]*$",
        example: "deploy@bastion.example:22",
        holds: { SSHHop.way($0)?.allSatisfy(\.isPlain) ?? false })

    private static let absolute = TextForm(
        name: "an absolute path", pattern: "^/", example: "/etc/reconcile/id_ed25519",
        holds: { $0.hasPrefix("/") && VisibleText.line($0, limit: .max) == $0 && !$0.contains("\"") })
}
