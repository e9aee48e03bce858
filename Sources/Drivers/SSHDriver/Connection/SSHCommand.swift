import Model
import Processes

/// The OpenSSH client's arguments for one kept connection.
enum SSHCommand {
    /// `knownHosts` is the file of host keys, `jumps` the hosts in between. Of `environment` only what ssh itself needs is
    /// passed on.
    static func command(
        _ access: HostAccess, knownHosts: String, jumps: [SSHHop], environment: [String: String]
    ) -> Command {
        var arguments = ["-T"] + common(access, knownHosts: knownHosts) + access.hop.options
        if let proxy = proxy(jumps[...], access, knownHosts) { arguments += ["-o", "ProxyCommand=" + proxy] }
        arguments += ["--", access.address, remote(becomes: access.becomes)]
        return Command("ssh", arguments, environment: variables(environment), outputLimit: 1 << 20)
    }

    /// What ssh needs of an environment.
    static func variables(_ environment: [String: String]) -> [String: String] {
        environment.filter { ["PATH", "HOME", "USER", "LANG", "SSH_AUTH_SOCK"].contains($0.key) }
    }

    /// What neither the user's configuration nor the host may change.
    private static func common(_ access: HostAccess, knownHosts: String) -> [String] {
        let seconds = { (span: TimeSpan) in String(max(1, (span.milliseconds + 999) / 1000)) }
        let options = [
            "BatchMode=yes", "StrictHostKeyChecking=yes",
            "UserKnownHostsFile=\"\(knownHosts.replacing("%", with: "%%"))\"",
            "GlobalKnownHostsFile=/dev/null", "UpdateHostKeys=no", "CheckHostIP=no", "VerifyHostKeyDNS=no",
            "KnownHostsCommand=none", "ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes", "Tunnel=no",
            "PermitLocalCommand=no", "RemoteCommand=none", "ControlMaster=no", "ControlPath=none", "LogLevel=ERROR",
            "ConnectTimeout=" + seconds(access.connectTimeout), "ServerAliveInterval=" + seconds(access.keepAlive),
            "ServerAliveCountMax=2",
        ]
        var arguments = options.flatMap { ["-o", $0] }
        if let config = access.config { arguments = ["-F", config] + arguments }
        if let identity = access.identity { arguments += ["-i", identity, "-o", "IdentitiesOnly=yes"] }
        return arguments
    }

    /// ssh's own way over jump hosts would check their keys against other lists than ours. This line is for `/bin/sh`, and
    /// `%` is ssh's. Nil where no host is in between.
    private static func proxy(_ jumps: ArraySlice<SSHHop>, _ access: HostAccess, _ knownHosts: String) -> String? {
        guard let host = jumps.last else { return nil }
        var arguments = ["ssh"] + common(access, knownHosts: knownHosts)
        if let before = proxy(jumps.dropLast(), access, knownHosts) { arguments += ["-o", "ProxyCommand=" + before] }
        arguments += host.options
        return words(arguments) + " -W '[%h]:%p' -- " + words([host.host])
    }

    /// Words for the shell, in which ssh finds nothing to replace.
    private static func words(_ texts: [String]) -> String {
        let code: ShellCode = "\(all: texts)"
        return String(decoding: code.bytes, as: UTF8.self).replacing("%", with: "%%")
    }

    /// A loop that reads requests: `k` a script that is kept, `s` one that is not, `r` the kept one again. The word after
    /// that is unguessable and marks every line of the answer, so that whatever else is said does no harm; scripts find it
    /// in `b`. No script uses a variable that begins with `_`: those are the loop's. A script is run only where it came
    /// whole, to the mark at its end, and what it leaves in `_end` once its answer is whole. Its stdin is empty; requests and
    /// contents come by descriptor 3.
    private static let loop = """
        exec 3<&0 </dev/null; \
        while read -r _h b _n <&3; do printf "\\n%s +\\n" "$b"; \
        case $_h in \
        k) _k=$(dd bs="$_n" count=1 iflag=fullblock 2>/dev/null <&3); _s=$_k; _k=${_k%"#$b"}; \
        case $_s in *"#$b") ;; *) exit 1;; esac;; \
        s) _s=$(dd bs="$_n" count=1 iflag=fullblock 2>/dev/null <&3); case $_s in *"#$b") ;; *) exit 1;; esac;; \
        r) _s=$_k;; \
        *) exit 1;; \
        esac; _end=; eval "$_s"; printf "\\n%s .\\n" "$b"; eval "$_end"; done
        """

    /// What the login shell of the host is given, whichever it is.
    static func remote(becomes: Bool) -> String {
        (becomes ? "exec sudo -n -- sh -c '" : "exec sh -c '") + loop + "'"
    }
}
