#!/usr/bin/env bash
# Canaries on a real container engine behind a real HAProxy: one that succeeds, one that is taken back, and a container that is
# killed by hand. Every stage is checked; the first surprise ends it with exit 1.
#   scripts/engine.sh --share scripts/demo_containers.sh [PROGRAM], or `make demo-containers`
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(realpath "${1:-$project/.build/debug/reconcile}")
work=$(mktemp -d)
mark=reconcile-demo-$$
loop='' balancer='' visitors=''

clean_up() {
    local process
    for process in $visitors $loop $balancer; do
        if kill -TERM "$process" 2>/dev/null; then wait "$process" || true; fi
    done
    # shellcheck disable=SC2046
    docker rm -f $(docker ps -aq --filter "label=$mark") >/dev/null 2>&1 || true
    docker rmi -f "$mark:1" "$mark:2" "$mark:3" >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# shellcheck source=/dev/null
. "$project/scripts/demo_parts.sh"
begin "$program" "$work"

case $DOCKER_HOST in
unix://*) ;;
*) surprise "DOCKER_HOST is $DOCKER_HOST: the demonstration needs an engine on this machine, at a unix socket" ;;
esac

# Says a command to HAProxy's runtime API.
haproxy_says() { printf '%s\n' "$1" | socat -t 5 - "UNIX-CONNECT:$work/haproxy.sock"; }
# What HAProxy itself says of its servers.
servers() {
    haproxy_says "show stat web 4 -1" | awk -F, '
        NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
        NF > 1 {
            gsub(" ", "-", $column["status"])
            print $column["svname"], $column["addr"], $column["weight"], $column["status"], $column["stot"]
        }'
}
# The version that listens at each address.
versions() {
    local version
    for version in 1 2 3; do
        docker ps --filter "ancestor=$mark:$version" --format '{{.Ports}}' | sed -n "s/->.*/ $version/p"
    done
}
# What percent of new requests HAProxy gives to each version, "1: 90 %, 2: 10 %".
shares() {
    { versions; echo; servers; } | awk '
        NF == 2 { version[$1] = $2 }
        NF == 5 && $4 ~ /^(UP|no-check)/ { weight[version[$2]] += $3; all += $3 }
        END { for (v in weight) if (weight[v] > 0) printf "%s: %.0f %%\n", v, 100 * weight[v] / all }' | sort | paste -sd, | sed 's/,/, /g'
}
# How many of 200 answers come from each version.
answers() {
    curl -s --max-time 30 "http://127.0.0.1:$port/[1-200]" | sed -n 's/^version \([^ ]*\) .*/\1/p' | sort | uniq -c |
        awk '{ printf "%s%d from version %s", (NR > 1 ? ", " : ""), $1, $2 }'
}
show_servers() {
    say "HAProxy says (show stat):"
    { echo "server address weight status requests"; servers; } |
        awk '{ printf "      %-10s %-18s %6s  %-10s %8s\n", $1, $2, $3, $4, $5 }'
}

# follow STATUS: a pass in the background; each time that the weights change they are shown, and answers are counted.
follow() {
    local pass status=0 now before=''
    typed reconcile
    reconcile >"$work/pass.out" 2>"$work/pass.err" &
    pass=$!
    while kill -0 "$pass" 2>/dev/null; do
        now=$(shares)
        if [ "$now" != "$before" ] && [ -n "$now" ]; then
            before=$now
            say ""
            say "weights: $now    of 200 requests: $(answers)"
            reconcile status | sed 's/^/      /' || true
            case $now in *,*) show_servers ;; esac
        fi
        sleep 0.2
    done
    wait "$pass" || status=$?
    say ""
    cat "$work/pass.out" "$work/pass.err"
    [ "$status" -eq "$1" ] || surprise "the pass ended with $status, not with $1"
    [ "$1" -eq 0 ] || say "(exit status $1)"
}

# What runs, "2 x 4" for four containers of version 2, and whether that is all, and all that gets requests.
runs() { versions | awk '{ count[$2]++ } END { for (v in count) print v " x " count[v] }' | sort | paste -sd,; }
is_only() { [ "$(runs)" = "$1 x 4" ] && [ "$(shares)" = "$1: 100 %" ]; }
only() {
    is_only "$1" || surprise "what runs is \"$(runs)\", not \"$1 x 4\"; the weights are \"$(shares)\""
    say "checked: four containers of version $1, and nothing else, answer"
}

# Visitors: one request after the other, every status noted.
visit() {
    while :; do curl -s --max-time 10 -o /dev/null -w '%{http_code}\n' "http://127.0.0.1:$port/[1-50]" || true; sleep 0.05; done >>"$work/visits"
}
told_of_visits() {
    local all bad
    all=$(wc -l <"$work/visits")
    bad=$(grep -vc '^200$' "$work/visits" || true)
    : >"$work/visits"
    [ "$all" -gt 100 ] || surprise "there were only $all visits"
    [ "$bad" -le $((all * $1 / 100)) ] || surprise "$bad of $all visits met an error"
    say "checked: visitors made $all requests meanwhile, of which $bad met an error"
}

image() {
    local version=$1
    shift
    DOCKER_BUILDKIT=0 docker build -q -t "$mark:$version" --build-arg "VERSION=$version" "$@" "$work/web" >/dev/null 2>"$work/build.log" ||
        { cat "$work/build.log" >&2 && surprise "the image of version $version could not be built"; }
}

chapter "A container engine, a HAProxy, and three versions of a small web program; the third answers every third request with an error"
cp -r "$project/docs/examples/web" "$work/web"
gcc -O2 -static -pthread -o "$work/web/web" "$work/web/web.c"
image 1
image 2
image 3 --build-arg ERRORS=0.34
port=$(awk 'BEGIN { srand(); print 20000 + int(rand() * 10000) }')
cat >"$work/haproxy.cfg" <<END
global
    stats socket $work/haproxy.sock mode 600 level admin
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
frontend all
    bind 127.0.0.1:$port
    default_backend web
backend web
    balance roundrobin
    option redispatch 1
END
haproxy -db -f "$work/haproxy.cfg" >"$work/haproxy.log" 2>&1 &
balancer=$!
await 10 "HAProxy answers" haproxy_says "show info"
expect 0 docker version --format 'Engine {{.Server.Version}}'
haproxy -v | sed -n 1p

chapter "A repository that says: version 1, four times, with a canary for everything that changes"
git init -q --bare -b main "$work/server.git"
git init -q -b main "$work/clone"
cd "$work/clone"
git remote add origin "$work/server.git"
mkdir staging
echo "kind: Environment" >staging/environment.yaml
cat >staging/web.yaml <<END
kind: Workload
name: web
driver: container
replicas: 4
container:
  image: $mark:1
  pull: never
  ports: [{container: 8080}]
  labels: {$mark: "yes"}
health: {http: /healthz, port: 8080, interval: 500ms}
traffic: {haproxy: {socket: $work/haproxy.sock, backend: web}}
monitor:
  - name: errors
    http: {path: /, requests: 20}
    max: 0.1
    interval: 1s
    failures: 2
rollout:
  strategy: canary
  min_healthy_time: 1s
  drain_timeout: 5s
  max_parallel: 4
  steps: [{weight: 10%}, {monitor: 6s}, {weight: 50%}, {monitor: 6s}]
END
git add .
git commit -q -m "Version 1"
git push -q -u origin main
sed 's/^/   /' staging/web.yaml
expect 0 reconcile validate .
follow 0
only 1
: >"$work/visits"
visit &
visitors=$!

chapter "Version 2: it gets 10 %, then 50 %, then everything, while its errors are measured"
sed -i "s/$mark:1/$mark:2/" staging/web.yaml
git commit -q -a -m "Version 2"
expect 0 git push -q
say "What would happen:"
expect 0 reconcile --dry-run
follow 0
only 2
told_of_visits 0

chapter "Version 3: every third answer is an error; it is gone before most visitors met it"
sed -i "s/$mark:2/$mark:3/" staging/web.yaml
git commit -q -a -m "Version 3"
expect 0 git push -q
follow 3
only 2
told_of_visits 5
expect 0 reconcile why staging

chapter "Revert the commit: git and the world agree again"
expect 0 git revert --no-edit HEAD
expect 0 git push -q
expect 0 reconcile
only 2

chapter "The loop: a container that is killed by hand is back at once"
typed "reconcile run &"
reconcile run >"$work/loop.log" 2>&1 &
loop=$!
await 20 "the loop listens" reconcile wake
sleep 1
victim=$(docker ps -q --filter "label=$mark" | head -n 1)
expect 0 docker rm -f "$victim"
begun=$(date +%s%N)
await 20 "four containers answer again" is_only 2
say "it took $((($(date +%s%N) - begun) / 1000000)) ms until another one answers in its place"
kill -TERM "$loop"
status=0
wait "$loop" || status=$?
loop=
[ "$status" -eq 0 ] || surprise "the loop ended with $status"

chapter "All of it is on record"
expect 0 reconcile history
expect 0 reconcile show 3

chapter "Done: everything was as promised, and all of it is removed"
