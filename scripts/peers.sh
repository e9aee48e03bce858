#!/bin/sh
# Puts the peers of the benchmark over SSH into a virtual environment of Python: scripts/peers.sh FOLDER
set -eu
[ ! -e "$1/complete" ] || exit 0
rm -rf "$1"
"$(command -v /usr/bin/python3 || command -v python3)" -m venv "$1"
"$1/bin/pip" install --quiet --disable-pip-version-check 'ansible-core==2.19.*' 'mitogen==0.3.54' 'pyinfra==3.10.0'
touch "$1/complete"
