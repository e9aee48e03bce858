#!/usr/bin/env bash
# Builds the Dockerfile and tries what came out: scripts/engine.sh --share --outside scripts/image.sh, or `make image`.
# Base images are used where the engine has them or can pull them. Otherwise the image to run on is made of Debian's packages,
# and the program is built on this machine. IMAGE=NAME names the result (default: reconcile:latest); an engine that ends with
# this script leaves it in .build/image.tar, for `docker load`.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
image=${IMAGE:-reconcile:latest}
cd "$project"
# The plain builder is in every engine, and BuildKit's client part is not in Debian's package.
export DOCKER_BUILDKIT=0

say() { printf 'image: %s\n' "$1" >&2; }
default_of() { sed -n "s/^ARG $1=//p" Dockerfile; }
has() { docker image inspect "$1" >/dev/null 2>&1 || timeout 600 docker pull -q "$1" >/dev/null 2>&1; }

build=${BUILD_IMAGE:-$(default_of BUILD_IMAGE)} run=${RUN_IMAGE:-$(default_of RUN_IMAGE)}
network=()
[ "$ENGINE" = shared ] || network=(--network host)

if ! has "$run"; then
    say "$run cannot be pulled: making its like of Debian's packages"
    without=()
    for path in man locale info doc; do without+=(--dpkgopt="path-exclude=/usr/share/$path/*"); done
    mmdebstrap --quiet --variant=apt "${without[@]}" --dpkgopt='path-include=/usr/share/doc/*/copyright' bookworm - |
        docker import - reconcile-base:bookworm >/dev/null
    run=reconcile-base:bookworm
fi

arguments=("${network[@]}" --build-arg "RUN_IMAGE=$run")
if has "$build"; then
    say "building in $build, which takes a while"
    docker build "${arguments[@]}" --build-arg "BUILD_IMAGE=$build" -t "$image" .
else
    say "$build cannot be pulled: the program is built on this machine, and only the rest by the Dockerfile"
    make -s build
    mkdir "$TMPDIR/context"
    install -s -m 755 .build/release/reconcile "$TMPDIR/context/reconcile"
    docker build "${arguments[@]}" --target base -t reconcile-base:without-program -f Dockerfile "$TMPDIR/context"
    docker build -t "$image" -f - "$TMPDIR/context" <<END
FROM reconcile-base:without-program
COPY reconcile /usr/local/bin/reconcile
END
fi

"$project/scripts/image_test.sh" "$image"
if [ "$ENGINE" = own ]; then
    docker save -o .build/image.tar "$image"
    say "the engine ends now; \`docker load -i .build/image.tar\` takes the image to another"
fi
