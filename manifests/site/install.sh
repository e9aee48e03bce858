#!/bin/sh
# Installs the site in the folder $1. Every file is written beside its place and moved there, so nobody ever reads half
# of one. The digest comes last: until it is there the folder does not count as installed. Safe to repeat.
set -eu
here=$(dirname "$0")
target=$1
mkdir -p "$target"
cd "$here"
{ cat index.html; printf '<!-- %s, %s -->\n' "$EDITION" "$RECONCILE_INSTANCE"; } >"$target/index.html.new"
mv "$target/index.html.new" "$target/index.html"
cd "$target"
sha256sum index.html >sums.new
mv sums.new sums
printf '%s\n' "$RECONCILE_DIGEST" >digest.new
mv digest.new digest
