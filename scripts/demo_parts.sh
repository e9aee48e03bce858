# shellcheck shell=bash
# What the demonstrations share; sourced by them.

# begin PROGRAM FOLDER: the program is `reconcile` from here on; repository and state are in the folder.
begin() {
    local name
    # The caller's own settings have no say here.
    for name in ${!RECONCILE_@} ${!GIT_@}; do unset "$name"; done
    export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat
    export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.org
    work=$2
    export RECONCILE_REPO=$work/server.git RECONCILE_STATE=$work/state
    mkdir "$work/bin"
    ln -s "$1" "$work/bin/reconcile"
    export PATH=$work/bin:$PATH
}

if [ -t 1 ]; then bold=$'\033[1m' plain=$'\033[0m'; else bold='' plain=''; fi
chapter() { printf '\n%s== %s%s\n' "$bold" "$1" "$plain"; }
typed() { printf '%s$ %s%s\n' "$bold" "$1" "$plain"; }
say() { printf '   %s\n' "$1"; }

surprise() {
    printf '\ndemo: %s\n' "$1" >&2
    [ ! -s "$work/loop.log" ] || { echo "The loop said:" >&2 && tail -n 30 "$work/loop.log" >&2; }
    exit 1
}

# expect STATUS COMMAND…: shows the command, runs it, and insists on its exit status.
expect() {
    local wanted=$1 status=0
    shift
    typed "$*"
    "$@" || status=$?
    [ "$status" -eq "$wanted" ] || surprise "\"$*\" ended with $status, not with $wanted"
    [ "$wanted" -eq 0 ] || say "(exit status $wanted)"
}

# await SECONDS WHAT COMMAND…: insists that the command succeeds before the time is up.
await() {
    local tries=$(($1 * 10)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || surprise "waited in vain until $what"
        sleep 0.1
    done
}
