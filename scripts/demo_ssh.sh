#!/usr/bin/env bash
# Ten hosts over real SSH: a rolling release, one with a host that fails and is taken back, and a host that is down and is caught up.
# Every stage is checked; the first surprise ends it with exit 1. The hosts are ten sshd on loopback, each with a folder for its disk.
#   scripts/demo_ssh.sh [PROGRAM], or `make demo-ssh`
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(realpath "${1:-$project/.build/debug/reconcile}")
work=$(mktemp -d)
names="alpha bravo charlie delta echo foxtrot golf hotel india juliett"
declare -A servers=() ports=()

clean_up() {
    local name
    for name in "${!servers[@]}"; do
        kill -TERM "${servers[$name]}" 2>/dev/null && wait "${servers[$name]}" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# shellcheck source=/dev/null
. "$project/scripts/demo_parts.sh"
begin "$program" "$work"
sshd=$(command -v sshd || echo /usr/sbin/sshd)
[ -x "$sshd" ] || surprise "there is no sshd: install openssh-server"
[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd

# start NAME: a host of that name begins to listen.
start() {
    "$sshd" -D -e -f "$work/hosts/$1/sshd_config" 2>"$work/hosts/$1/log" &
    servers[$1]=$!
    await 10 "$1 listens" bash -c "exec 3<>/dev/tcp/127.0.0.1/${ports[$1]}"
}
stop() {
    kill -TERM "${servers[$1]}" && wait "${servers[$1]}" 2>/dev/null || true
    unset "servers[$1]"
}
host() {
    local home=$work/hosts/$1
    ports[$1]=$2
    mkdir -p "$home/disk"
    ssh-keygen -q -t ed25519 -N '' -f "$home/key"
    cat >"$home/sshd_config" <<END
ListenAddress 127.0.0.1
Port $2
HostKey $home/key
AuthorizedKeysFile $work/key.pub
UsePAM no
StrictModes no
PasswordAuthentication no
PidFile none
END
    printf '[127.0.0.1]:%s %s\n' "$2" "$(cut -d' ' -f1,2 "$home/key.pub")" >>"$work/known_hosts"
    start "$1"
}

# What runs where: "alpha 1, bravo 1, …".
versions() {
    local name
    for name in $names; do printf '%s %s\n' "$name" "$(cat "$work/hosts/$name/disk/app/version" 2>/dev/null || echo -)"; done |
        paste -sd, | sed 's/,/, /g'
}
# only VERSION [NAME VERSION]: every host has the version, but the one that is named.
only() {
    local name wanted
    for name in $names; do
        wanted=$1
        if [ "${2:-}" = "$name" ]; then wanted=$3; fi
        [ "$(cat "$work/hosts/$name/disk/app/version" 2>/dev/null)" = "$wanted" ] ||
            surprise "$name does not have version $wanted: $(versions)"
    done
    say "checked: $(versions)"
}
# How often each host was changed since the last time that somebody asked.
touched() {
    local name
    for name in $names; do [ ! -s "$work/hosts/$name/disk/acts" ] || echo "$name"; : >"$work/hosts/$name/disk/acts"; done | paste -sd' '
}
# follow STATUS: a pass in the background; what runs where is shown each time that it changes.
follow() {
    local pass status=0 now before=''
    typed reconcile
    reconcile >"$work/pass.out" 2>"$work/pass.err" &
    pass=$!
    while kill -0 "$pass" 2>/dev/null; do
        now=$(versions)
        if [ "$now" != "$before" ]; then before=$now && say "$now"; fi
        sleep 0.1
    done
    wait "$pass" || status=$?
    cat "$work/pass.out" "$work/pass.err"
    [ "$status" -eq "$1" ] || surprise "the pass ended with $status, not with $1"
    [ "$1" -eq 0 ] || say "(exit status $1)"
}
# commit VERSION MESSAGE
commit() {
    sed -i "s/content: \".*\"/content: \"$1\\\\n\"/" fleet/web.yaml
    git commit -qam "$2" && git push -q origin main
    say "committed: $2"
}

chapter "Ten hosts with nothing but sshd and a shell, two zones, and a repository that names them"
ssh-keygen -q -t ed25519 -N '' -f "$work/key"
first=$(awk 'BEGIN { srand(); print 20000 + int(rand() * 10000) }')
number=0
for name in $names; do
    host "$name" $((first + number))
    number=$((number + 1))
done
git init -q --bare -b main "$work/server.git"
git clone -q "$work/server.git" "$work/clone" 2>/dev/null
cd "$work/clone"
git checkout -q -B main
mkdir -p fleet keys
cp "$work/known_hosts" keys/known_hosts
{
    echo "kind: Environment"
    echo "hosts:"
    number=0
    for name in $names; do
        zone=$([ $((number % 2)) -eq 0 ] && echo east || echo west)
        echo "  $name: {address: 127.0.0.1, port: ${ports[$name]}, labels: {zone: $zone}, vars: {DISK: $work/hosts/$name/disk}}"
        number=$((number + 1))
    done
    echo "ssh: {known_hosts: keys/known_hosts, identity: $work/key, user: $(id -un), connect_timeout: 20s}"
} >fleet/environment.yaml
cat >fleet/web.yaml <<'END'
kind: Workload
name: web
driver: ssh
hosts: all
rollout: {first: 1, max_parallel: 2, batch_by: zone, min_healthy_time: 300ms, healthy_deadline: 2s}
ssh:
  files:
    - {path: "{{ DISK }}/app", directory: true}
    - {path: "{{ DISK }}/app/version", content: "1\n"}
  commands:
    - name: note
      on_change: ["{{ DISK }}/app/version"]
      apply: cat "$DISK/app/version" >>"$DISK/acts"
  health: test ! -e "$DISK/refuses" || grep -qx "$(cat "$DISK/refuses")" "$DISK/app/version"
END
sed -n 1,4p fleet/environment.yaml
say "…"
cat fleet/web.yaml
git add -A && git commit -qm "Version 1" && git push -q origin main

chapter "The first deployment"
follow 0
only 1
touched >/dev/null

chapter "Version 2: one host alone, then zone by zone, two at a time"
commit 2 "Version 2"
expect 0 reconcile --dry-run
follow 0
only 2
[ "$(touched | wc -w)" -eq 10 ] || surprise "not every host was changed once"

chapter "Version 3, which golf does not get healthy with: what was touched goes back, and nothing else"
echo 2 >"$work/hosts/golf/disk/refuses"
commit 3 "Version 3"
follow 3
only 2
changed=$(touched)
case " $changed " in
*" bravo "* | *" hotel "*) surprise "hosts of the other zone were touched: $changed" ;;
*" golf "*) say "checked: touched were $changed; the west was left alone" ;;
*) surprise "golf was not touched: $changed" ;;
esac
rm "$work/hosts/golf/disk/refuses"

chapter "Version 4 while juliett is down: the others get it, the pass says who is missing, and juliett catches up"
stop juliett
commit 4 "Version 4"
follow 1
only 4 juliett 2
expect 0 reconcile status
start juliett
follow 0
only 4
[ "$(touched | wc -w)" -eq 10 ] || surprise "not every host was changed"

chapter "Somebody changes a file by hand: it is put back there, and nowhere else"
echo "by hand" >"$work/hosts/echo/disk/app/version"
follow 0
only 4
[ "$(touched)" = echo ] || surprise "other hosts were touched, too"
expect 0 reconcile history

chapter "That is all: ten hosts, five commits, and nothing installed on any of them"
