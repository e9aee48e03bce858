#!/usr/bin/env -S python3 -B
"""Measures how reconcile fetches against the git command of the same run: scripts/bench_git.py [PROGRAM], or
`make bench-git`.

ONLY=fetch-git,polled  only these lines (docs/benchmarks.md is then left alone)
RUNS=5                 how often each timed thing is repeated; the median counts
OBJECTS=1000           of the repository that is fetched (default: 100000)
SOURCES=20             that are polled (default: 200)
INTERVAL=3             seconds from poll to poll (default: 30)
SECONDS=10             how long they are watched (default: 120)
Python 3.9 or later, standard library only. Everything happens in one temporary folder below TMPDIR.
"""
import contextlib
import getpass
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

from bench_parts import PROGRAM, Report, Surprise, environ, measure, median, progress, run, runs, timed, wait

OBJECTS = int(os.environ.get("OBJECTS", 100_000))
SOURCES = int(os.environ.get("SOURCES", 200))
SECONDS = int(os.environ.get("SECONDS", 120))
INTERVAL = int(os.environ.get("INTERVAL", 30))
TICKS = os.sysconf("SC_CLK_TCK")

# Notes when each request begins and ends, and answers no faster than a forge does.
CGI = """#!/bin/sh
echo "+ $PATH_INFO" >>{log}
sleep "$(cat {delay})"
/usr/lib/git-core/git-http-backend
status=$?
echo "- $PATH_INFO" >>{log}
exit $status
"""
LIGHTTPD = """server.modules = ("mod_setenv", "mod_cgi", "mod_alias")
server.document-root = "{folder}"
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{scratch}/lighttpd.log"
server.upload-dirs = ("{scratch}")
alias.url += ("/git" => "{backend}")
$HTTP["url"] =~ "^/git" {{ cgi.assign = ("" => "")
setenv.add-environment = ("GIT_PROJECT_ROOT" => "{folder}", "GIT_HTTP_EXPORT_ALL" => "1", "GIT_CONFIG_COUNT" => "1",
"GIT_CONFIG_KEY_0" => "safe.directory", "GIT_CONFIG_VALUE_0" => "*") }}
"""
SSHD = """ListenAddress 127.0.0.1
Port {port}
HostKey {scratch}/host
AuthorizedKeysFile {scratch}/user.pub
PidFile none
UsePAM no
StrictModes no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
KexAlgorithms curve25519-sha256
LogLevel ERROR
"""
PLUGIN = """#!/usr/bin/env python3
import json, sys
for line in sys.stdin:
    said = json.loads(line)
    if "hello" in said:
        answer = {"hello": {"protocol": 1, "name": "nothing", "parallel": 1}}
    else:
        answer = {"id": said["id"], "result": {"state": "running", "digest": said["digest"]}}
    print(json.dumps(answer), flush=True)
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def server(port, *command):
    """A server in the foreground, until the body ends."""
    process = subprocess.Popen(command, env=environ(GIT_CONFIG_COUNT="1", GIT_CONFIG_KEY_0="safe.directory",
                                                    GIT_CONFIG_VALUE_0="*"),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def accepts():
        with socket.socket() as connection:
            return connection.connect_ex(("127.0.0.1", port)) == 0
    try:
        wait(accepts, f"{command[0]} listens", 60)
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def write(path, text, mode=0o644):
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)


class Bench(Report):
    """The repositories and servers that lines share, made when first asked for."""

    def __init__(self, folder):
        super().__init__(folder)
        self.srv = f"{folder}/srv"
        os.makedirs(self.srv)

    def large(self):
        """A bare repository of so many objects: commits that each change one of a hundred folders of 45 files."""
        path = f"{self.srv}/large"
        if os.path.exists(path):
            return path
        progress(f"making a repository of {OBJECTS} objects")
        run("git", "init", "-q", "--bare", "-b", "main", path)
        lines, count, number = [], 0, 0
        while count < OBJECTS:
            lines.append("commit refs/heads/main\ncommitter b <b@example.org> %d +0000\ndata 1\nx\n" % (1700000000 + number))
            if number == 0:
                lines.append("M 100644 inline staging/environment.yaml\ndata 18\nkind: Environment\n\n")
            for file in range(45):
                text = f"kind: Workload\nname: w-{file}\nversion: {number}\n" + f"{number * 7919 + file}\n" * 20
                lines.append(f"M 100644 inline files/{number % 100:03}/w-{file:03}.yaml\ndata {len(text)}\n{text}\n")
            count, number = count + 48, number + 1
        run("git", "-C", path, "fast-import", "--quiet", given="".join(lines).encode())
        run("git", "-C", path, "repack", "-adq")
        return path

    @contextlib.contextmanager
    def web(self, log=None, delay="0"):
        scratch, port = f"{self.folder}/web", free_port()
        shutil.rmtree(scratch, ignore_errors=True)
        os.makedirs(scratch)
        backend = "/usr/lib/git-core/git-http-backend"
        if log:
            backend = f"{scratch}/backend"
            write(f"{scratch}/delay", delay)
            write(backend, CGI.format(log=log, delay=f"{scratch}/delay"), 0o755)
        write(f"{scratch}/conf", LIGHTTPD.format(folder=self.srv, port=port, scratch=scratch, backend=backend))
        with server(port, "/usr/sbin/lighttpd", "-D", "-f", f"{scratch}/conf"):
            yield f"http://127.0.0.1:{port}/git"

    @contextlib.contextmanager
    def daemon(self):
        port = free_port()
        with server(port, "git", "daemon", "--export-all", "--listen=127.0.0.1", f"--port={port}", "--reuseaddr",
                    f"--base-path={self.srv}", self.srv):
            yield f"git://127.0.0.1:{port}"

    @contextlib.contextmanager
    def ssh(self):
        scratch, port = f"{self.folder}/ssh", free_port()
        shutil.rmtree(scratch, ignore_errors=True)
        os.makedirs(scratch)
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        for name in ("host", "user"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{scratch}/{name}")
        with open(f"{scratch}/host.pub") as file:
            write(f"{scratch}/known", f"[127.0.0.1]:{port} {file.read()}")
        write(f"{scratch}/conf", SSHD.format(port=port, scratch=scratch))
        with server(port, "/usr/sbin/sshd", "-D", "-e", "-f", f"{scratch}/conf"):
            yield f"ssh://{getpass.getuser()}@127.0.0.1:{port}{self.srv}"


def compare_fetches(bench, name, address, config="", **variables):
    """A whole fetch, and one that finds nothing new. Ours is a pass over one empty environment; the floor is `git fetch`
    of the same branch into a bare repository, which keeps a reference as we do, and the start of the binary for each of
    our processes: the pass, and the worker where one is needed. In the loop both are there already."""
    folder = f"{bench.folder}/{name}"
    os.makedirs(folder)
    state, mirror, file = f"{folder}/state", f"{folder}/mirror", f"{folder}/config.yaml"
    write(file, config)
    fetch = ["git", "-C", mirror, "fetch", "-q", "--no-tags", "--no-auto-gc", address, "+refs/heads/main:refs/heads/main"]

    def theirs():
        begin = time.perf_counter()
        done = subprocess.run(fetch, env=environ(**variables), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise Surprise(f"{' '.join(fetch)} ended with {done.returncode}\n{done.stderr.decode(errors='replace')[-2000:]}")
        return time.perf_counter() - begin

    def ours():
        return timed(PROGRAM, "--dry-run", "-q", "--config", file, "--repo", address, "--state", state, "--git-timeout",
                     "30m", cwd=folder)

    def all_of_ours():
        shutil.rmtree(state, ignore_errors=True)
        return ours()

    def all_of_theirs():
        shutil.rmtree(mirror, ignore_errors=True)
        run("git", "init", "-q", "--bare", mirror)
        return theirs()
    start = median(lambda: timed(PROGRAM, "--version"), runs(15))
    bench.compare(f"full-{name}", median(all_of_ours, runs(3)), median(all_of_theirs, runs(3)) + 2 * start, 1.3)
    # Taken in turn, so that whatever else happens on the machine happens to both.
    pairs = [(ours(), theirs()) for _ in range(runs(25))]
    mine, others = (sorted(column)[len(pairs) // 2] for column in zip(*pairs))
    processes = 1 if name in ("local", "file") else 2
    bench.compare(f"nothing-{name}", mine, others + processes * start, 1.3)


def bench_local(bench):
    compare_fetches(bench, "local", bench.large())


def bench_file(bench):
    compare_fetches(bench, "file", "file://" + bench.large())


def bench_daemon(bench):
    bench.large()
    with bench.daemon() as address:
        compare_fetches(bench, "git", address + "/large")


def bench_http(bench):
    bench.large()
    with bench.web() as address:
        compare_fetches(bench, "http", address + "/large")


def bench_ssh(bench):
    """Both ways to speak ssh against the git command with the same key."""
    bench.large()
    with bench.ssh() as address:
        scratch = f"{bench.folder}/ssh"
        command = f"ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes -o UserKnownHostsFile={scratch}/known -i {scratch}/user"
        for transport in ("libgit2", "git"):
            config = f"transport: {transport}\nssh: {{key: {scratch}/user, known_hosts: {scratch}/known}}\n"
            compare_fetches(bench, f"ssh-{transport}", address + "/large", config, GIT_SSH_COMMAND=command)


def stat(pid):
    """Of a process: its parent, and the seconds of processor time it and those it has reaped have used."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[1]), sum(int(field) for field in fields[11:15]) / TICKS


def children(pid):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            if stat(name)[0] == pid:
                found.append(int(name))
    return found


def used(pid):
    """Seconds of processor time of a process, its children and those of them that have ended."""
    total = stat(pid)[1]
    for child in children(pid):
        with contextlib.suppress(OSError):
            total += stat(child)[1]
    return total


def resident(pid):
    """MiB in memory of a process and its children; pages that they share count once."""
    total = 0
    for one in [pid, *children(pid)]:
        with contextlib.suppress(OSError), open(f"/proc/{one}/smaps_rollup") as file:
            total += next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    return total / 1024


def together(log):
    """How many requests a server had at once at most: of all sources, and of one."""
    open_now, most, most_of_one = {}, 0, 0
    with open(log) as file:
        for line in file:
            sign, _, path = line.strip().partition(" ")
            source = path.split("/")[1]
            open_now[source] = open_now.get(source, 0) + (1 if sign == "+" else -1)
            most, most_of_one = max(most, sum(open_now.values())), max(most_of_one, open_now[source])
    return most, most_of_one


def bench_polled(bench):
    """Many sources on one forge, all polled at the default interval: what the loop and its workers cost."""
    folder = f"{bench.folder}/polled"
    os.makedirs(folder)
    for number in range(SOURCES):
        path = f"{bench.srv}/r-{number:03}"
        run("git", "init", "-q", "--bare", "-b", "main", path)
        text = "kind: Environment\ninterval: 1h\n"
        run("git", "-C", path, "fast-import", "--quiet", given=(
            "commit refs/heads/main\ncommitter b <b@example.org> 1700000000 +0000\ndata 1\nx\n"
            f"M 100644 inline e-{number:03}/environment.yaml\ndata {len(text)}\n{text}\n").encode())
    log = f"{folder}/requests"
    with bench.web(log, "0.1") as address:
        sources = [{"name": f"s-{n:03}", "repo": f"{address}/r-{n:03}", "interval": f"{INTERVAL}s"} for n in range(SOURCES)]
        write(f"{folder}/config.yaml", json.dumps({"sources": sources}))
        out = open(f"{folder}/loop.log", "wb")
        loop = subprocess.Popen([PROGRAM, "run", "-q", "--config", f"{folder}/config.yaml", "--state", f"{folder}/state"],
                                env=environ(), stdout=out, stderr=out)
        try:
            def asked():
                with open(log) as file:
                    return {line.split("/")[1] for line in file if line.startswith("-")}
            wait(lambda: os.path.exists(log) and len(asked()) == SOURCES, "each source was fetched", 300, 0.5)
            progress(f"watching {SOURCES} sources for {SECONDS} s")
            time.sleep(INTERVAL if SECONDS > INTERVAL else 1)
            open(log, "w").close()
            began, before, most = time.monotonic(), used(loop.pid), 0.0
            while time.monotonic() - began < SECONDS:
                time.sleep(1)
                most = max(most, resident(loop.pid))
            share = (used(loop.pid) - before) / (time.monotonic() - began) * 100
            with open(log) as file:
                polls = sum(line.startswith("+") for line in file)
            if polls < SOURCES * SECONDS / INTERVAL / 2:
                raise Surprise(f"there were only {polls} requests in {SECONDS} s")
            bench.report("polled-processor", f"{share:.1f} %", "-", "<= 5 % of a core", share <= 5)
            bench.report("polled-memory", f"{most:.1f} MiB", "-", "<= 100 MiB", most <= 100)
            # A forge that is slow to answer makes them pile up.
            write(f"{bench.folder}/web/delay", "4")
            time.sleep(min(SECONDS, INTERVAL))
            most, of_one = together(log)
            bench.report("polled-together", f"{most}", "-", "<= 16", most <= 16)
            bench.report("polled-one-source", f"{of_one}", "-", "<= 1 at once", of_one <= 1)
        finally:
            loop.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                loop.wait(60)
            loop.kill()
            out.close()


def bench_plugin(bench):
    """A request to a driver plugin that does nothing: against a line to the same program and back through two pipes."""
    folder, count = f"{bench.folder}/plugin", 1000
    repository, program = f"{folder}/repository", f"{folder}/reconcile-driver-nothing"
    os.makedirs(folder)
    write(program, PLUGIN, 0o755)
    write(f"{folder}/config.yaml", f"drivers: [{{name: nothing, path: {program}}}]\n")

    def ours(replicas):
        path = f"{repository}-{replicas}"
        if not os.path.exists(path):
            run("git", "init", "-q", "--bare", "-b", "main", path)
            workload = f"kind: Workload\nname: w\ndriver: nothing\nreplicas: {replicas}\nnothing: {{a: b}}\n"
            files = {"staging/environment.yaml": "kind: Environment\n", "staging/w.yaml": workload}
            text = "".join(f"M 100644 inline {name}\ndata {len(content)}\n{content}\n" for name, content in files.items())
            run("git", "-C", path, "fast-import", "--quiet", given=(
                "commit refs/heads/main\ncommitter b <b@example.org> 1700000000 +0000\ndata 1\nx\n" + text).encode())
        return timed(PROGRAM, "--dry-run", "-q", "--config", f"{folder}/config.yaml", "--repo", path, "--state",
                     f"{folder}/state-{replicas}")

    def floor():
        with subprocess.Popen(["python3", program], env=environ(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as echo:
            line = json.dumps({"id": 1, "request": "observe", "digest": "0" * 64, "folder": "x" * 200, "block": {"a": "b"}})
            begin = 0.0
            for number in range(count + 1):
                if number == 1:
                    begin = time.perf_counter()
                echo.stdin.write(line.encode() + b"\n")
                echo.stdin.flush()
                echo.stdout.readline()
            passed = time.perf_counter() - begin
            echo.stdin.close()
        return passed / count
    many, one = median(lambda: ours(count + 1), runs(5)), median(lambda: ours(1), runs(5))
    mine, pipe = (many - one) / count, median(floor, runs(5))
    over = (mine - pipe) * 1000
    bench.report("plugin-request", f"{mine * 1000:.2f} ms", f"{pipe * 1000:.2f} ms", f"<= 1 ms over, is {over:.2f}",
                 over <= 1, mine / pipe)


LINES = {"fetch-local": bench_local, "fetch-file": bench_file, "fetch-git": bench_daemon, "fetch-http": bench_http,
         "fetch-ssh": bench_ssh, "polled": bench_polled, "plugin": bench_plugin}

if __name__ == "__main__":
    sys.exit(measure(LINES, Bench, "git table", "make bench-git"))
