/// How the ssh command is called: nothing of anyone's ssh configuration counts, every host key must be known, and
/// nothing is asked but the passphrase that we have.
struct SSHCommand {
    let settings: SSHSettings
    let identity: SSHIdentity
    let user: String

    /// A line for a shell, as git's `core.sshCommand` takes it; git adds the port, the user, the host and the command.
    var line: String { SSHCommand.quoted(["ssh"] + options + proxy(through: settings.jump[...])) }

    /// Why a setting cannot be written into such a line; nil where all can.
    static func complaint(about settings: SSHSettings) -> String? {
        let paths = settings.knownHosts + [settings.key, settings.agent].compactMap { $0 }
        return paths.first { path in
            path.contains("\"") || path.contains("${")
                || path.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
        }
    }

    private var options: [String] {
        var options = [
            "StrictHostKeyChecking=yes", "UpdateHostKeys=no", "ForwardAgent=no", "PreferredAuthentications=publickey",
            "NumberOfPasswordPrompts=1", "ConnectionAttempts=1", "LogLevel=INFO",
            "UserKnownHostsFile=" + settings.knownHosts.map(SSHCommand.path).joined(separator: " "),
            "GlobalKnownHostsFile=/dev/null",
        ]
        switch identity {
        case .file(let key):
            options += [
                "IdentitiesOnly=yes", "IdentityAgent=none", "IdentityFile=" + SSHCommand.path(key.path),
                // In batch mode no passphrase is asked for.
                "BatchMode=" + (key.isEncrypted ? "no" : "yes"),
            ]
        case .agent(let socket, _):
            options += ["IdentityAgent=" + SSHCommand.path(socket), "IdentityFile=none", "BatchMode=yes"]
        }
        return ["-F", "none"] + options.flatMap { ["-o", $0] }
    }

    /// ssh's own ProxyJump hands on none of these options, so each jump is spelled out.
    private func proxy(through jumps: ArraySlice<SSHAddress>) -> [String] {
        guard let last = jumps.last else { return [] }
        var command = ["ssh"] + options + proxy(through: jumps.dropLast())
        command += ["-l", last.user ?? user] + (last.port.map { ["-p", String($0)] } ?? [])
        command += ["--", last.host]
        let line = SSHCommand.quoted(command).replacing("%", with: "%%")
        // What git asks for is put in by ssh itself.
        return ["-o", "ProxyCommand=" + line.replacing("'ssh'", with: "ssh -W '[%h]:%p'", maxReplacements: 1)]
    }

    /// A path as ssh's configuration reads it.
    private static func path(_ path: String) -> String { "\"" + path.replacing("%", with: "%%") + "\"" }

    private static func quoted(_ arguments: [String]) -> String {
        arguments.map { "'" + $0.replacing("'", with: #"'\''"#) + "'" }.joined(separator: " ")
    }
}
