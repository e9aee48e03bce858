#!/usr/bin/env bash
# Tries an image of reconcile, and measures it: scripts/image_test.sh IMAGE. With the engine's socket and a repository it must
# start a container, and find it in place the next time; as a loop it must be healthy, answer commands, and end when it is asked to.
set -euo pipefail

image=$1
name=reconcile-image-test-$$
work=$(mktemp -d)
socket=${DOCKER_HOST:-unix:///var/run/docker.sock}
socket=${socket#unix://}

fail() { printf 'image: %s\n' "$1" >&2 && exit 1; }
ours() { docker ps -aq --filter "label=$name"; }

clean_up() {
    # shellcheck disable=SC2046
    docker rm -f "$name-loop" $(ours) >/dev/null 2>&1 || true
    docker volume rm "$name" >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

[ -S "$socket" ] || fail "the image can only be tried on an engine of this machine, with a unix socket"

# The container that it starts is one of the same image, which is certainly there.
mkdir -p "$work/repository/staging"
cat >"$work/repository/staging/environment.yaml" <<END
kind: Environment
interval: 1h
END
cat >"$work/repository/staging/sleeper.yaml" <<END
kind: Workload
name: sleeper
driver: container
container:
  image: "$image"
  pull: never
  entrypoint: [tini, --, sleep, infinity]
  network_mode: none
  healthcheck: {disable: true}
  labels: {$name: "yes"}
rollout: {min_healthy_time: 0s}
END
git -C "$work/repository" init -q -b main
git -C "$work/repository" add .
git -C "$work/repository" -c user.name=Ada -c user.email=ada@example.org commit -q -m "A sleeper"
# Git trusts only a repository of one's own: it is given to the image's user, or the image runs as its owner.
as=() state=$name
if [ "$(id -u)" -eq 0 ]; then
    chown -R 10001:10001 "$work/repository"
    chmod 755 "$work"
else
    as=(--user "$(id -u)") state=$work/state
    mkdir "$state"
fi

options=(--network none "${as[@]}" --group-add "$(stat -c %g "$socket")" -v "$socket:/var/run/docker.sock"
    -v "$work/repository:/srv/repository:ro" -v "$state:/var/lib/reconcile")
pass() { docker run --rm "${options[@]}" "$image" --repo /srv/repository "$@"; }

pass || fail "the first pass ended with $?, not with 0"
first=$(ours)
[ "$(wc -w <<<"$first")" -eq 1 ] || fail "the first pass started $(wc -w <<<"$first") containers, not 1"
pass --dry-run --detailed-exitcode || fail "after the first pass there is something left to do"
pass || fail "the second pass ended with $?, not with 0"
[ "$(ours)" = "$first" ] || fail "the second pass did not leave the container alone"

# The loop, as docs/image.md runs it: the image's own command and health check, which is only asked more often here.
echo "repo: /srv/repository" >"$work/reconcile.yaml"
chmod 644 "$work/reconcile.yaml"
docker run -d --name "$name-loop" "${options[@]}" -v "$work/reconcile.yaml:/etc/reconcile/reconcile.yaml:ro" --stop-timeout 300 \
    --health-interval 1s --health-start-period 0s "$image" >/dev/null
loop() { docker inspect -f "$1" "$name-loop"; }
tries=60
until [ "$(loop '{{.State.Health.Status}}')" = healthy ]; do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ] || [ "$(loop '{{.State.Running}}')" = false ]; then
        docker logs "$name-loop" >&2
        fail "the loop is $(loop '{{.State.Status}}, and {{.State.Health.Status}}')"
    fi
    sleep 1
done
docker exec "$name-loop" reconcile status --live || fail "the loop is not found from beside it"
docker exec "$name-loop" reconcile status | grep -q staging || fail "status does not know the environment"
# What is killed comes back without waiting for the interval.
docker rm -f "$first" >/dev/null
tries=60
until [ "$(wc -w <<<"$(ours)")" -eq 1 ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "the loop did not bring the container back that was removed"
    sleep 0.5
done
begin=$(date +%s)
docker stop "$name-loop" >/dev/null
[ $(($(date +%s) - begin)) -lt 60 ] || fail "the loop took $(($(date +%s) - begin)) seconds to stop"
[ "$(loop '{{.State.ExitCode}}')" = 0 ] || fail "the loop ended with $(loop '{{.State.ExitCode}}'), not with 0"
[ "$(wc -w <<<"$(ours)")" -eq 1 ] || fail "the loop's end took its container along"

# milliseconds COMMAND…: the median of nine runs.
milliseconds() {
    local begin end
    for _ in 1 2 3 4 5 6 7 8 9; do
        begin=$(date +%s%N)
        "$@" >/dev/null
        end=$(date +%s%N)
        echo $(((end - begin) / 1000000))
    done | sort -n | sed -n 5p
}

size=$(docker image inspect -f '{{.Size}}' "$image")
program=$(docker run --rm --network none --entrypoint stat "$image" -c %s /usr/local/bin/reconcile)
start=$(milliseconds docker run --rm --network none "$image" --version)
bare=$(milliseconds docker run --rm --network none --entrypoint true "$image")
printf 'image: %s works: %d MB, of which the program is %d MB; "docker run" of it takes %d ms, and %d ms of /bin/true\n' \
    "$image" $((size / 1000000)) $((program / 1000000)) "$start" "$bare"
