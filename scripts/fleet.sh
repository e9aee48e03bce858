#!/bin/sh
# Runs a command where it can start hosts of its own: scripts/fleet.sh COMMAND…
# Network, processes and mounts are namespaces that end with it, with nothing but a loopback interface. Needs root.
set -eu
if [ "$(id -u)" -ne 0 ]; then
    echo "fleet.sh: hosts in namespaces of their own need root: run it with sudo" >&2
    exit 1
fi
# shellcheck disable=SC2016
exec unshare --net --pid --mount --fork --kill-child --mount-proc sh -c 'ip link set lo up && exec "$@"' fleet "$@"
