import DriverKit
import Model
import Processes

/// A script that brings an instance from what was seen to what is wanted, step by step, and stops at the first that fails.
struct ActScript {
    /// The functions of the script.
    private(set) var code = ShellCode()
    private(set) var payloads: [Payload] = []
    /// What is done, in order, for the record; the script says how far it got.
    private(set) var done: [String] = []
    let wanted: Wanted
    let facts: Facts
    let id: Identity
    /// The name of our folder for drafts, beside what is written.
    let draft: String
    /// What has changed so far, by the names that notices go by.
    var changed: Set<String> = []

    init(_ wanted: Wanted, _ facts: Facts, _ id: Identity) {
        self.wanted = wanted
        self.facts = facts
        self.id = id
        draft = ".reconcile-" + Digest(ofText: "\(id.environment)/\(id.instance)").hex.prefix(12)
    }

    /// A line of the script's body.
    mutating func line(_ more: ShellCode) { code.line(more) }

    /// A command whose failure ends the script, with what it said.
    mutating func must(_ what: String, _ command: ShellCode) {
        line("p=\(what); x \(code: command) || return 1")
    }

    /// Something that the script itself says it did.
    mutating func did(_ what: String) {
        done.append(what)
        line(
            """
            printf '%s = %s\\n' "$b" \(done.count - 1)
            """)
    }

    /// Bytes that the script reads from its own input into a file.
    mutating func receive(_ content: Content, into path: String) throws(DriverFailure) {
        guard let origin = content.origin else { throw DriverFailure("a content is not at hand") }
        let payload = Payload(origin: origin, size: content.size)
        payloads.append(payload)
        // Where it cannot be written, what comes next on the input would be taken for a request: the shell must end.
        line(
            """
            i=0; while [ $i -lt \(payload.pieces) ]; do i=$((i+1)); \
            c=\(Payload.piece); [ $i = \(payload.pieces) ] && c=\(payload.size - (payload.pieces - 1) * Payload.piece); \
            dd bs="$c" count=1 iflag=fullblock 2>/dev/null <&3 || { w=1; break; }; printf '%s ~\\n' "$b" >&4; \
            done >\(path)
            """)
        line(
            """
            read -r m <&3; [ "$m" = "$b" ] && [ -z "$w" ] || { p=\("writing " + path); f 'it could not be written whole: \
            no space, or the connection was cut'; g; printf '\\n%s .\\n' "$b"; exit 1; }
            """)
    }

    /// The whole script: what was added, then what is seen afterwards.
    func whole(_ observation: ShellCode) -> ShellCode {
        var all = ShellCode()
        // f: says what failed. x: runs a program, and shows what it said. g: takes drafts away, if it is redefined.
        all.line(
            """
            w=; exec 4>&1
            f() { printf '%s ! %s\\n%s\\n%s <\\n' "$b" "$p" "$1" "$b"; }
            g() { :; }
            x() { o=$("$@" 2>&1 3<&- 4>&-) || { r=$?; [ -n "$o" ] || o="exited $r"; f "$o"; return 1; }; }
            y() { printf '%s > %s %s\\n%.16384s\\n%s <\\n' "$b" "$r" "$p" "$o" "$b"; return "$r"; }
            a() {
            """)
        all.line(code)
        all.line(
            """
            :
            }
            """)
        // Contents may be under way that nobody read: they must not be taken for requests.
        let end: ShellCode = payloads.isEmpty ? "" : "printf '\\n%s .\\n' \"$b\"; exit 1; "
        all.line("if a; then printf '%s ok\\n' \"$b\"; else g; \(code: end)fi")
        all.line("exec 4>&-")
        all.line(observation)
        return all
    }
}
