#!/usr/bin/env bash
# A day in the life of the example in manifests/: deploy, merge, break, revert, repair, and the loop behind a push.
# Every stage is checked; the first surprise ends it with exit 1. Everything happens in one temporary folder.
#   scripts/demo.sh [PROGRAM]
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=$(realpath "${1:-$project/.build/debug/reconcile}")
work=$(mktemp -d /tmp/reconcile-demo.XXXXXX)
loop=

clean_up() {
    if [ -n "$loop" ] && kill -TERM "$loop" 2>/dev/null; then wait "$loop" || true; fi
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

# shellcheck source=/dev/null
. "$project/scripts/demo_parts.sh"
begin "$program" "$work"

# runs COUNT TEXT ENVIRONMENT: insists that exactly COUNT instances of an environment show the text.
runs() {
    local found
    found=$(cat "$work/world/$3"/site-*/index.html 2>/dev/null | grep -c -F "$2" || true)
    [ "$found" -eq "$1" ] || surprise "$found instances of $3 show \"$2\", not $1"
    say "checked: $1 instances of $3 show \"$2\""
}

everywhere() {
    runs 2 "$1" staging
    runs 4 "$1" production
}

heading() { sed -i "s|<h1>.*</h1>|<h1>$1</h1>|" site/index.html; }
all_show() { [ "$(cat "$work/world"/*/site-*/index.html | grep -c -F "$1")" -eq 6 ]; }

chapter "A repository of environments: staging with 2 instances, production with 4"
git init -q --bare -b main "$work/server.git"
cp -r "$project/manifests" "$work/clone"
cd "$work/clone"
sed -i "s|/var/tmp/reconcile-example|$work/world|" staging/*.yaml production/*.yaml
git init -q -b main
git remote add origin "$work/server.git"
git add .
git commit -q -m "The example"
git push -q -u origin main
expect 0 git log --oneline
expect 0 reconcile validate .

chapter "What would happen? Nothing is touched by asking"
expect 0 reconcile --dry-run
expect 2 reconcile --dry-run --detailed-exitcode -q
[ ! -e "$work/world" ] || surprise "a dry run changed something"

chapter "Deploy: production follows staging"
expect 0 reconcile
everywhere "<h1>Hello</h1>"
expect 0 reconcile --dry-run --detailed-exitcode

chapter "Merge a change: it is deployed"
say "A branch changes the heading to \"Hello, world\"."
git switch -q -c greeting
heading "Hello, world"
git commit -q -a -m "Greet the world"
git switch -q main
expect 0 git merge -q --no-ff -m "Merge the greeting" greeting
expect 0 git push -q
expect 0 reconcile
everywhere "<h1>Hello, world</h1>"

chapter "Merge a mistake: it rolls back by itself, and production never sees it"
say "A commit takes away the heading, which the health command looks for."
sed -i '/<h1>/d' site/index.html
git commit -q -a -m "Tidy the page"
expect 0 git push -q
expect 3 reconcile
everywhere "<h1>Hello, world</h1>"
expect 0 reconcile why staging
say "It is not tried again while nothing changes:"
expect 3 reconcile

chapter "Revert the commit: git and the world agree again"
expect 0 git revert --no-edit HEAD
expect 0 git push -q
expect 0 reconcile
everywhere "<h1>Hello, world</h1>"

chapter "Hurt what runs by hand: the drift is repaired"
expect 0 rm -r "$work/world/production/site-2"
expect 0 sed -i "s|<h1>.*</h1>|<h1>Defaced</h1>|" "$work/world/staging/site-1/index.html"
expect 0 reconcile --dry-run
expect 0 reconcile
everywhere "<h1>Hello, world</h1>"
runs 0 "Defaced" staging

chapter "The loop: a push deploys at once"
cp "$project/hooks/pre-receive" "$project/hooks/post-receive" "$work/server.git/hooks/"
git --git-dir "$work/server.git" config reconcile.state "$work/state"
typed "reconcile run &"
reconcile run >"$work/loop.log" 2>&1 &
loop=$!
await 20 "the loop listens" reconcile wake
say "A commit changes the heading to \"Hello from the loop\"."
heading "Hello from the loop"
git commit -q -a -m "Greet from the loop"
expect 0 git push -q
await 20 "all six show the new greeting" all_show "<h1>Hello from the loop</h1>"
everywhere "<h1>Hello from the loop</h1>"

say "A manifest that cannot be read does not even get in:"
sed -i 's/^replicas:/replica:/' staging/site.yaml
git commit -q -a -m "Mistype a key"
expect 1 git push -q

say "SIGTERM ends the loop at the next step boundary:"
kill -TERM "$loop"
status=0
wait "$loop" || status=$?
loop=
[ "$status" -eq 0 ] || surprise "the loop ended with $status"
sed -n "s/^[^ ]* \(end\(ing\|ed\): .*\)/   it says: \1/p" "$work/loop.log"
say "If that was in the middle of a rollout, the next pass goes on there:"
expect 0 reconcile

chapter "All of it is on record"
expect 0 reconcile status
expect 0 reconcile history

chapter "Done: everything was as promised, and the temporary folder is removed"
