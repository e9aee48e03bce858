import Model

/// What keeps acts of an environment on a host apart: it stands around the script of each act.
///
/// An act has a mark in the folder for notices: an empty file, so that it can be made on a full disk, too, and is never
/// half there. `act.KEY.TURN.PID.START.SESSION.BOOT` is one that goes on, and `act.KEY.TURN` one that came to its end. A
/// process is the one that is meant only where the system's boot and its own start are those of the mark. What an act
/// started has its turn in its environment, so that it is found although the shell is gone. Another user's does not say:
/// in the session of the act it counts as the act's, and whatever is to end has a mark of its own until it did. Where
/// the folder for notices cannot be written, marks are in one of the account's own elsewhere; all of them are looked at.
enum FenceScript {
    /// What an act is called on the host that answers by this mark. What the act starts can read it, and must not know the
    /// mark.
    static func turn(_ mark: String) -> String { String(Digest(ofText: "turn " + mark).hex.prefix(16)) }

    /// Why a host did not begin an act, in a sentence that says what to do.
    static func reason(_ word: String, on host: String) -> String {
        let words = word.split(separator: " ", maxSplits: 1).map(String.init)
        let rest = words.count > 1 ? VisibleText.line(words[1], limit: 200) : ""
        switch words.first {
        case "turn": return "another act began on \(host) since it was looked at: it has to be looked at again"
        case "stays":
            return "what goes on on \(host) from an act before cannot be ended: end its process \(rest) there "
                + "(`kill \(rest)`, as root if it is root's), or restart the host"
        case "state":
            return "no mark of this act can be made on \(host) in \(rest), so nothing would keep two acts apart: let "
                + "the user write to one of them, or name a folder of his as XDG_STATE_HOME"
        default: return "\(host) has no /proc by which acts are kept apart: mount it"
        }
    }

    /// Says whose turn it was last, and where that is kept, with the account: two may have one home that is not there.
    static func look(_ key: String) -> ShellCode {
        """
        \(code: ObserveScript.state)
        _w=\(key); _m=
        \(code: account)
        \(code: marks())
        set --
        printf '%s t -%s %s\\n' "$b" "$_q" "$_u:$n"

        """
    }

    /// Who we are.
    private static let account: ShellCode =
        #"_u=; { while read -r _f _x _u _q; do [ "$_f" != Uid: ] || break; done; } 2>/dev/null <"/proc/$$/status""#

    /// The marks of `_w` but for `_m` are in `$@`, with those of the `others`, and whose turns of `_w` they were in `_q`: one
    /// that goes on, or did not come to its end, came after those that did. What other users may write is not believed: by
    /// a mark a process is ended.
    private static func marks(_ others: [String] = []) -> ShellCode {
        """
        set --; _q=; _z=; for _x in "$_w" \(all: others); do
        for _f in "$n" "/run/user/$_u/reconcile" "/tmp/.reconcile-$_u"; do
        [ "$_f" = "$n" ] || { [ -O "$_f" ] && ! [ -L "$_f" ]; } || continue
        for _f in "$_f"/act."$_x".*; do [ "$_f" != "$_m" ] && [ -e "$_f" ] || continue
        set -- "$@" "$_f"; [ "$_x" = "$_w" ] || continue; _l=${_f##*/act."$_w".}
        case $_l in *.*) _q="$_q${_l%%.*},";; *) _z="$_z$_l,";; esac; done; done; done; _q=${_q:-$_z}
        """
    }

    /// A script that runs alone: what goes on there from before is ended first, that of the `others` too, and it ends itself
    /// where it was not its turn after `before`, as `look` says it; nil where that is not known. Marks that nobody needs any
    /// more go when its answer is whole.
    static func alone(
        _ script: ShellCode, key: String, others: [String] = [], turn: String, before: String?
    ) -> ShellCode {
        """
        \(code: ObserveScript.state)
        _m=; _w=\(key); _i=\(turn); _e=\(before ?? "*")
        \(code: functions)
        _t $$ || _no 'proc'
        { read -r _boot </proc/sys/kernel/random/boot_id; } 2>/dev/null; _boot=${_boot:-0}
        \(code: account)
        _y=act.$_w.$_i.$$.$_at.$_sid.$_boot; _place "$n" || _place "/run/user/$_u/reconcile" ||
        _place "/tmp/.reconcile-$_u" || _no "state $n, /run/user/$_u/reconcile or /tmp/.reconcile-$_u"
        \(code: marks(others))
        [ "$_e" = '*' ] || [ "$_e" = "$_q" ] || _no 'turn'
        for _f do _q=${_f##*/act.}; _o "${_q#*.}" || _no "stays $_x"; done
        for _f do case $_f in */act.*.*.*) rm -f -- "$_f";; esac; done
        set --
        printf '\\n%s |\\n' "$b" || exit 1
        export RECONCILE_ACT="$_i"
        \(code: script)
        unset RECONCILE_ACT
        _m=$_d/act.$_w.$_i; printf '' 2>/dev/null >"$_m"
        \(code: marks(others))
        _end='rm -f -- "$@"; set --'

        """
    }

    /// `_place FOLDER`: makes the mark `_y` there. `_no`: says why nothing is done. `_t PID`: what a process is; false where
    /// it is gone or was not fetched by its parent yet. `_all`: every process. `_those PID START SESSION TURN`: what belongs
    /// to a shell and an act, the shell first, in `_r`, together with what is left of `_v` and what that started. `_o MARK`:
    /// ends all that; else one of those that stay is in `_x`. It is asked to end, and made to after ten seconds. What a
    /// server had in the session before the shell began is not the shell's.
    private static let functions: ShellCode = #"""
        _place() { _d=$1; if [ "$_d" = "$n" ]; then [ -d "$_d" ] || mkdir -p -m 700 -- "$_d"
        else mkdir -m 700 -- "$_d"; [ -O "$_d" ] && ! [ -L "$_d" ] && chmod 700 "$_d"; fi 2>/dev/null || return 1
        printf '' 2>/dev/null >"$_d/$_y" && _m=$_d/$_y; }
        _no() { rm -f -- "$_m"; printf '\n%s # %s\n' "$b" "$1"; exit 1; }
        _t() { _q=; { while IFS= read -r _l; do _q="$_q$_l "; done; } 2>/dev/null <"/proc/$1/stat"
        set -- ${_q##*) }; [ $# -gt 19 ] && [ "$1" != Z ] && [ "$1" != X ] || return 1
        _up=$2; _sid=$4; _at=${20}; }
        _all() { _y=; for _f in /proc/[0-9]*; do _p=${_f#/proc/}
        [ "$_p" != $$ ] && _t "$_p" && _y="$_y $_p:$_at:$_up:$_sid"; done; }
        _those() { _all; _r=; _ps=' '
        for _l in $_y; do _p=${_l%%:*}; _q=${_l#*:}; _at=${_q%%:*}
        case " $1:$2 $_v " in *" $_p:$_at "*) _r="$_r $_p:$_at"; _ps="$_ps$_p ";; esac; done
        _go=1; while [ $_go = 1 ]; do _go=0
        for _l in $_y; do _p=${_l%%:*}; case $_ps in *" $_p "*) continue;; esac
        _q=${_l#*:}; _at=${_q%%:*}; _q=${_q#*:}; _up=${_q%%:*}
        case $_ps in *" $_up "*) _r="$_r $_p:$_at"; _ps="$_ps$_p "; _go=1; continue;; esac
        [ "${_q#*:}" = "$3" ] || continue
        if { true <"/proc/$_p/environ"; } 2>/dev/null; then
        tr '\0' '\n' 2>/dev/null <"/proc/$_p/environ" | grep -qx "RECONCILE_ACT=$4" || continue
        else [ -e "/proc/$_p" ] && [ "$_at" -ge "$2" ] 2>/dev/null || continue; fi
        _r="$_r $_p:$_at"; _ps="$_ps$_p "; _go=1; done; done; }
        _o() { _x=$1; _v=; _c=0; _told=' '; IFS=.; set -- $_x; unset IFS
        [ $# = 5 ] && [ "$5" = "$_boot" ] && [ "$2" != $$ ] || return 0
        while :; do _those "$2" "$3" "$4" "$1"
        [ -n "$_r" ] || { [ "$_told" = ' ' ] || rm -f -- "$_d"/act."$_w"."$1".*; return 0; }
        _v=$_r; for _l in $_r; do _x=${_l%%:*}
        case $_told in *" $_l "*) [ $_c -ge 50 ] || continue;; *) _told="$_told$_l "
        _t "$_x" && [ "$_at" = "${_l#*:}" ] || continue
        printf '' 2>/dev/null >"$_d/act.$_w.$1.$_x.$_at.$_sid.$_boot";; esac
        if [ $_c -lt 50 ]; then kill -TERM "$_x"; else kill -KILL "$_x"; fi 2>/dev/null; done
        [ $_c -lt 75 ] || return 1
        if sleep 0.2 2>/dev/null; then _c=$((_c+1)); else sleep 1; _c=$((_c+5)); fi; done; }
        """#
}
