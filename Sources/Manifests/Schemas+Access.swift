import Model

extension Schemas {
    /// How a source's repository is reached.
    static let access: [Field] = [
        Field(
            "transport", .choice(["auto", "libgit2", "git"]), fallback: "auto",
            "What speaks to the server: `auto` takes the git command for what libgit2 cannot do. See [git](git.md)."),
        Field("user", .plain, "Who signs in; the user in an `ssh` address goes before it."),
        Field("token", .text, "The token or password for `http` and `https`."),
        Field(
            "credentials",
            .oneOf(
                [
                    Field("helper", .plain, "A git credential helper, as git's `credential.helper` names it."),
                    Field(
                        "command", .plain,
                        "Run by `/bin/sh -c`; prints `username=` and `password=` lines, or a token alone."),
                ], with: []), "Who knows the user and the token for `http` and `https`; asked before each fetch."),
        Field(
            "ssh",
            .object([
                Field("key", .plain, "The private key's file. Without it: the agent's keys, else those in `~/.ssh`."),
                Field("passphrase", .text, "What opens the key."),
                Field(
                    "known_hosts", .plain,
                    "The file of host keys, the only one that counts. Without it: `~/.ssh/known_hosts` and `/etc/ssh/ssh_known_hosts`."
                ),
                Field("agent", .boolean, fallback: "false", "Only the keys of the agent in `SSH_AUTH_SOCK`."),
                Field("jump", .plain, "Hosts to go through, `USER@HOST:PORT`, with commas between them."),
            ]), "For `ssh` addresses."),
        Field(
            "tls",
            .object([
                Field("ca", .plain, "The authorities that are trusted instead of the machine's, a PEM file."),
                Field("certificate", .plain, "Our own certificate, a PEM file."),
                Field("key", .plain, "The certificate's private key, where its file does not hold it."),
            ]), "For `https` addresses."),
        Field(
            "proxy",
            .object([
                Field("url", .plain, required: true, "`http://HOST:PORT`; `https`, `socks5` and `socks5h`, too."),
                Field("user", .plain, "Who signs in there."),
                Field("password", .text, "The password there."),
            ]), "What `http` and `https` go through. No variable such as `https_proxy` counts."),
    ]
}
