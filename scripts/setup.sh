#!/bin/sh
# Installs what is missing of the Debian packages for the purposes named, see below. Says nothing if all is there.
set -eu

# An engine that is there, of whatever make, is left alone.
engine() {
    if command -v dockerd || [ -x /usr/sbin/dockerd ] || docker version; then return; fi >/dev/null 2>&1
    echo docker.io
}

packages() {
    case $1 in
    build) echo "ca-certificates git libgit2-dev libsqlite3-dev pkg-config zlib1g-dev" ;;
    test) echo "busybox-static caddy containernetworking-plugins docker-registry docker.io faketime fish gitolite3 haproxy iproute2 lighttpd lighttpd-mod-openssl mandoc nginx-light openssh-client openssh-server openssl podman procps prometheus python3-jsonschema socat sqlite3 sudo systemd tinyproxy-bin util-linux zsh" ;;
    bench) echo "python3" ;;
    bench-git) echo "lighttpd openssh-client openssh-server python3" ;;
    image) echo "mmdebstrap $(engine)" ;;
    demo-containers) echo "curl gcc haproxy iproute2 libc6-dev socat util-linux $(engine)" ;;
    demo-ssh) echo "openssh-client openssh-server" ;;
    bench-containers) echo "docker-compose gcc haproxy iproute2 libc6-dev python3 util-linux wrk $(engine)" ;;
    bench-ssh) echo "iproute2 openssh-client openssh-server python3 python3-venv util-linux" ;;
    *) echo "setup.sh: $1 is no purpose that it knows" >&2 && exit 64 ;;
    esac
}

if ! command -v "${SWIFT:-swift}" >/dev/null; then
    echo "Swift 6.3 is needed and was not found: see https://www.swift.org/install/linux/" >&2
    exit 1
fi

wanted=
for purpose in "$@"; do
    wanted="$wanted $(packages "$purpose")"
done
missing=
for package in $wanted; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "These packages are missing, by their names in Debian:$missing. Install them and try again." >&2
    exit 1
elif [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo >/dev/null; then
    as_root=sudo
else
    echo "Root is needed for: apt-get install$missing. Run that, then try again." >&2
    exit 1
fi

echo "installing:$missing"
log=$(mktemp)
# Services are not started: the tests run their web server themselves.
# shellcheck disable=SC2016,SC2086
if ! $as_root sh -c '
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap "rm -f $policy" EXIT
        printf "#!/bin/sh\nexit 101\n" >"$policy"
        chmod 755 "$policy"
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q update && apt-get -q -y install --no-install-recommends "$@"' setup $missing >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "apt-get could not install:$missing. Its last words are above." >&2
    exit 1
fi
rm -f "$log"
