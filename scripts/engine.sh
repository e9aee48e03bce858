#!/usr/bin/env bash
# Runs a command with a container engine at hand: scripts/engine.sh [--share] [--outside] COMMAND…
#   --share    the engine that answers at DOCKER_HOST or at Docker's default socket is used, if there is one
#   --outside  builds and containers with the network "host" reach the network of this machine
# Otherwise a dockerd of its own is started, which needs root: in a temporary folder and in namespaces of its own, in which the
# command runs, too, so that nothing outlives it. Without --outside they have a network of their own as well, with only the
# loopback interface. The command finds the engine's socket in DOCKER_HOST, its kind, own or shared, in ENGINE, and in TMPDIR
# a folder that is removed after it.
set -euo pipefail

fail() { echo "engine: $1" >&2 && exit 1; }

# The first process of the namespaces. When it ends, everything in them does.
inside() {
    local work=$1 network=$2 tries=300 options=() dockerd
    shift 2
    case $network in
    own) ip link set lo up ;;
    outside) options=(--bridge=none --iptables=false --ip-forward=false) ;;
    esac
    export DOCKER_HOST=unix://$work/docker.sock ENGINE=own
    dockerd "${options[@]}" --data-root "$work/data" --exec-root "$work/exec" --pidfile "$work/dockerd.pid" \
        -H "$DOCKER_HOST" --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/${work##*/}" >"$work/dockerd.log" 2>&1 &
    dockerd=$!
    until docker version >/dev/null 2>&1; do
        tries=$((tries - 1))
        if [ "$tries" -eq 0 ] || ! kill -0 "$dockerd" 2>/dev/null; then
            tail -n 20 "$work/dockerd.log" >&2
            fail "dockerd did not start. Its last words are above."
        fi
        sleep 0.1
    done
    "$@"
}

clean_up() {
    # Killing the first process of the namespaces ends every other one in them; a shared engine must be cleaned by the command.
    if [ -n "$child" ] && kill "-$signal" "$child" 2>/dev/null; then wait "$child" 2>/dev/null || true; fi
    rm -rf "$work"
    find /sys/fs/cgroup -maxdepth 2 -name "${work##*/}" -type d 2>/dev/null | while read -r group; do
        find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
    done
}

outside() {
    local share='' network=own namespaces=(--mount --pid --fork --kill-child --mount-proc) status=0
    while :; do
        case ${1:-} in
        --share) share=yes ;;
        --outside) network=outside ;;
        -*) fail "$1 is neither --share nor --outside" ;;
        *) break ;;
        esac
        shift
    done
    [ $# -gt 0 ] || fail "a command is needed"
    [ "$network" = outside ] || namespaces+=(--net)

    child='' signal=KILL work=$(mktemp -d "${TMPDIR:-/tmp}/reconcile-engine.XXXXXX")
    trap clean_up EXIT
    trap 'exit 1' HUP INT TERM
    mkdir "$work/tmp"
    export TMPDIR=$work/tmp
    if [ "$share" = yes ] && timeout 5 docker version >/dev/null 2>&1; then
        export DOCKER_HOST=${DOCKER_HOST:-unix:///var/run/docker.sock} ENGINE=shared signal=TERM
        "$@" &
    elif [ "$(id -u)" -ne 0 ]; then
        fail "no engine answers, and to start one root is needed"
    elif ! command -v dockerd >/dev/null; then
        fail "no engine answers, and there is no dockerd to start"
    else
        unshare "${namespaces[@]}" "$0" --inside "$work" "$network" "$@" &
    fi
    child=$!
    wait "$child" || status=$?
    child=
    exit "$status"
}

if [ "${1:-}" = --inside ]; then
    shift
    inside "$@"
else
    outside "$@"
fi
