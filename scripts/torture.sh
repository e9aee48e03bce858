#!/usr/bin/env bash
# Kills the program at RECONCILE_TORTURE random instants (1,000 unless told), with the crash tests of the suite.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export RECONCILE_TORTURE="${RECONCILE_TORTURE:-1000}"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
"${SWIFT:-swift}" build --build-tests
"${SWIFT:-swift}" test --skip-build --disable-xctest --filter 'EndToEndTests.*(Crash|killedAnywhere)' 2>&1 | tee "$log"
# A filter that finds no test passes: that would be no torture at all.
if ! grep -q 'Test run with [1-9]' "$log"; then
    echo "torture: no crash test was found" >&2
    exit 1
fi
