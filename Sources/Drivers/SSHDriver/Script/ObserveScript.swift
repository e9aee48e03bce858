import Model
import Processes

/// One script that answers all questions about a host, with a program or two for all files together.
enum ObserveScript {
    /// So many paths are given to one program.
    private static let chunk = 250

    /// Where notices are kept on a host, in the shell's variable `n`.
    static let state: ShellCode = "n=${XDG_STATE_HOME:-${HOME:-/root}/.local/state}/reconcile"

    static func code(_ questions: Questions) throws(SecretError) -> ShellCode {
        var code = ShellCode()
        var rest = questions.paths[...]
        while !rest.isEmpty {
            code.line("set -- \(all: rest.prefix(chunk))")
            code.line(
                """
                printf '%s f\\n' "$b"; LC_ALL=C stat -c '%f %u %g %U %G %n' -- "$@" 2>&1
                """)
            code.line(
                """
                for f do shift; if [ -f "$f" ] && ! [ -L "$f" ]; then set -- "$@" "$f"; fi; done
                """)
            code.line(
                """
                printf '%s h\\n' "$b"; [ $# = 0 ] || LC_ALL=C sha256sum -- "$@" 2>&1
                """)
            rest = rest.dropFirst(chunk)
        }
        for (index, path) in questions.links.enumerated() {
            code.line(
                """
                [ -L \(path) ] && printf '%s l %s\\n' "$b" "\(index) $(readlink -- \(path))"
                """)
        }
        if !questions.packages.isEmpty {
            code.line(
                """
                printf '%s p\\n' "$b"; LC_ALL=C dpkg-query -W -f '${db:Status-Status} ${Version} ${Package} ${Architecture}\\n' -- \
                \(all: questions.packages) 2>&1
                """)
        }
        if !questions.units.isEmpty {
            code.line(
                """
                printf '%s u\\n' "$b"; LC_ALL=C systemctl show -p LoadState -p UnitFileState -p ActiveState \
                -p SubState -p NeedDaemonReload -- \(all: questions.units) 2>&1
                """)
        }
        if !questions.notices.isEmpty {
            code.line(state)
            for key in questions.notices {
                code.line(
                    """
                    [ -e "$n"/\(key) ] && printf '%s n %s\\n' "$b" \(key)
                    """)
            }
        }
        for (index, question) in questions.commands.enumerated() {
            guard let observe = question.command.observe else { continue }
            let run = try CommandScript.code(observe, question.command)
            // What it says of itself is only kept where it fails.
            code.line(
                """
                o=$(exec 6>&1; e=$({ \(code: run); } 2>&1 >&6 6>&-); r=$?; [ "$r" = 0 ] || printf '\\n%s\\n' "$e"; exit "$r"); r=$?
                """)
            code.line(
                """
                printf '%s c %s\\n%.4096s\\n' "$b" "\(index) $r" "$o"
                """)
        }
        code.line(
            """
            printf '%s e\\n' "$b"
            """)
        return code
    }
}

/// How a line of a manifest is run on a host: with its own environment, a deadline, and nothing on its input.
enum CommandScript {
    static func code(_ text: Text, _ command: WantedCommand) throws(SecretError) -> ShellCode {
        try code(text, environment: command.environment, timeout: command.timeout)
    }

    static func code(
        _ text: Text, environment: [String: Text], timeout: Int
    ) throws(SecretError) -> ShellCode {
        var exports = ShellCode()
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            switch value {
            case .plain(let text): exports.line("export \(name)=\(text)")
            case .secret(let reference):
                let secret = try SecretReader.read(reference)
                secret.withBytes { exports.line("export \(name)=\($0)") }
            }
        }
        let line: String
        switch text {
        case .plain(let text): line = text
        case .secret(let reference):
            // Everybody on the host can read an argument list.
            let secret = try SecretReader.read(reference)
            secret.withBytes { exports.line("export RECONCILE_LINE=\($0)") }
            line = #"line=$RECONCILE_LINE; unset RECONCILE_LINE; eval "$line""#
        }
        return "exec 3<&-; \(code: exports)exec timeout -k 5 \(timeout) sh -c \(line)"
    }
}
