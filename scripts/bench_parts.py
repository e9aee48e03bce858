"""What scripts/bench.py, bench_git.py and bench_containers.py measure with: commands, repositories of many workloads, a loop in the
background, the table of results."""
import os
import platform
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(PROJECT, ".build/release/reconcile"))

# Nothing looks by itself: the measurement says when.
ENVIRONMENT = "kind: Environment\ninterval: 1h\n"
OBSERVE = 'cat "$ROOT/$RECONCILE_WORKLOAD" 2>/dev/null || true'
APPLY = 'printf %s "$RECONCILE_DIGEST" > "$ROOT/$RECONCILE_WORKLOAD"'
WORKLOAD = """kind: Workload
name: {name}
driver: shell
shell:
  env: {{ROOT: {root}, VERSION: "{version}"}}
  observe: '{observe}'
  apply: '{apply}'
  remove: 'rm -f "$ROOT/$RECONCILE_WORKLOAD"'
rollout: {{min_healthy_time: 0s}}
"""


class Surprise(Exception):
    """Something did not do what the measurement rests on."""


def runs(default):
    return int(os.environ.get("RUNS", default))


def environ(**more):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("RECONCILE_", "GIT_"))}
    people = {f"GIT_{who}_{what}": "bench@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {**kept, **people, "GIT_CONFIG_GLOBAL": "/dev/null", "MALLOC_ARENA_MAX": "2", **more}


def run(*command, ok=(0,), cwd=None, given=None):
    """Runs a command to its end; returns what it printed."""
    done = subprocess.run(command, env=environ(), cwd=cwd, input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode not in ok:
        said = (done.stderr or done.stdout).decode(errors="replace")[-2000:]
        raise Surprise(f"{' '.join(command)} ended with {done.returncode}\n{said}")
    return done.stdout


def timed(*command, **options):
    """Seconds that a command takes, from before its start to after its end."""
    begin = time.perf_counter()
    run(*command, **options)
    return time.perf_counter() - begin


def median(measure, count):
    return statistics.median(measure() for _ in range(count))


def wait(reached, what, seconds=30.0, pause=0.005):
    until = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > until:
            raise Surprise(f"waited {seconds:.0f} s in vain until {what}")
        time.sleep(pause)


def progress(text):
    print(f"… {text}", file=sys.stderr, flush=True)


class Repository:
    """A bare repository below a folder, and the state folder of a tool that watches it."""

    def __init__(self, folder):
        self.folder, self.repository, self.state = folder, f"{folder}/repository.git", f"{folder}/state"
        self.commits = 0
        os.makedirs(folder)
        run("git", "init", "-q", "--bare", "-b", "main", self.repository)

    def commit(self, files):
        """Adds one commit to main with these files set; no work tree is needed."""
        lines = [b"commit refs/heads/main\ncommitter b <b@example.org> %d +0000\ndata 1\nx\n" % (1700000000 + self.commits)]
        if self.commits:
            lines.append(b"from refs/heads/main^0\n")
        for path, text in files.items():
            lines.append(b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(text.encode()), text.encode()))
        run("git", "-C", self.repository, "fast-import", "--quiet", given=b"".join(lines) + b"\n")
        self.commits += 1

    def options(self, *more):
        return ["--repo", self.repository, "--state", self.state, *more]

    def reconcile(self, *more, ok=(0,)):
        """Seconds of one fresh process."""
        return timed(PROGRAM, *self.options("-q", *more), ok=ok)


class World(Repository):
    """A repository of environments of shell workloads, and the files that these write."""

    def __init__(self, folder, environments, workloads):
        super().__init__(folder)
        self.environments, self.workloads = environments, workloads
        files = {}
        for e in range(environments):
            os.makedirs(self.root(e))
            files[f"e-{e:03}/environment.yaml"] = ENVIRONMENT
            for w in range(workloads):
                files[self.path(e, w)] = self.manifest(e, w, "1")
        self.commit(files)

    def root(self, e):
        return f"{self.folder}/world/e-{e:03}"

    def path(self, e, w):
        return f"e-{e:03}/w-{w:03}.yaml"

    def manifest(self, e, w, version):
        return WORKLOAD.format(name=f"w-{w:03}", root=self.root(e), version=version, observe=OBSERVE, apply=APPLY)

    def targets(self):
        """Every file that a workload writes."""
        return [f"{self.root(e)}/w-{w:03}" for e in range(self.environments) for w in range(self.workloads)]

    def move_head(self):
        """A commit outside every environment's folder."""
        self.commit({"notes.txt": str(self.commits)})

    def start_over(self):
        """As if the tool had never been here."""
        shutil.rmtree(self.state, ignore_errors=True)
        for target in self.targets():
            if os.path.exists(target):
                os.unlink(target)

    def in_place(self):
        """Brought to what git says once, for the lines that measure what comes after."""
        if not os.path.exists(self.state):
            progress(f"first pass over {self.environments * self.workloads} workloads")
            self.reconcile()
        return self


class Loop:
    """`reconcile run` in the background; it looks only when it is woken."""

    def __init__(self, folder, repository, state, *more):
        self.state = state
        config = f"{folder}/loop.yaml"
        with open(config, "w") as file:
            file.write("interval: 1h\n")
        self.log = open(f"{folder}/loop.log", "wb")
        command = [PROGRAM, "run", "-q", "--config", config, "--repo", repository, "--state", state, *more]
        self.process = subprocess.Popen(command, env=environ(), stdout=self.log, stderr=self.log)

    def __enter__(self):
        wait(lambda: subprocess.run([PROGRAM, "wake", "--state", self.state], env=environ(), stderr=subprocess.DEVNULL,
                                    stdout=subprocess.DEVNULL).returncode == 0, "the loop listens", 60)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(120)
        self.log.close()

    def wake(self):
        run(PROGRAM, "wake", "--state", self.state)

    def resident(self):
        """KiB that are in memory now."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))


def query(state, text):
    base = sqlite3.connect(f"file:{state}/reconcile.sqlite?mode=ro", uri=True, timeout=10)
    try:
        return base.execute(text).fetchone()[0]
    finally:
        base.close()


def passes(state):
    """How many passes the environments of a state folder have had, the least of them."""
    return query(state, "SELECT min(passes) FROM environments")


class Report:
    """The results, printed as they come."""

    def __init__(self, folder):
        self.folder, self.rows = folder, []

    def report(self, name, ours, floor, wanted, good, ratio=None):
        row = (name, ours, floor, "-" if ratio is None else f"{ratio:.2f}", wanted, "ok" if good else "short")
        self.rows.append(row)
        print("{:<22} {:>12} {:>12} {:>7}  {:<22} {}".format(*row), flush=True)

    def compare(self, name, ours, floor, limit):
        self.report(name, f"{ours * 1000:.1f} ms", f"{floor * 1000:.1f} ms", f"<= {limit} x", ours <= limit * floor,
                    ours / floor)


def machine(folder):
    versions = [run(*command).decode().split("\n")[0].strip() for command in
                ([PROGRAM, "--version"], ["git", "--version"], ["stat", "-f", "-c", "%T", folder])]
    return (f"{os.cpu_count()} cores, Linux {platform.release()}, reconcile {versions[0]}, {versions[1]}, "
            f"SQLite {sqlite3.sqlite_version}, temporary folder on {versions[2]}, {time.strftime('%Y-%m-%d', time.gmtime())}")


def write_document(marker, about, rows):
    """Puts the table between its markers in docs/benchmarks.md."""
    path = f"{PROJECT}/docs/benchmarks.md"
    with open(path) as file:
        text = file.read()
    begin, end = f"<!-- {marker}: begin -->", f"<!-- {marker}: end -->"
    before, rest = text.split(begin)
    after = rest.split(end)[1]
    lines = [about, "", "| line | ours | floor | ratio | wanted | |", "| --- | ---: | ---: | ---: | --- | --- |"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    with open(path, "w") as file:
        file.write(before + begin + "\n" + "\n".join(lines) + "\n" + end + after)


def measure(lines, make, marker, command):
    """Runs the lines that were asked for, all without ONLY, which alone rewrite the document. Returns the exit status."""
    only = [name for name in os.environ.get("ONLY", "").replace(",", " ").split() if name]
    unknown = [name for name in only if name not in lines]
    if unknown:
        print(f"bench: {unknown[0]} is none of {', '.join(lines)}", file=sys.stderr)
        return 64
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    folder = tempfile.mkdtemp(prefix="reconcile-bench.")
    try:
        about = machine(folder)
        print(about)
        print("{:<22} {:>12} {:>12} {:>7}  {:<22}".format("name", "ours", "floor", "ratio", "wanted"))
        bench, failed = make(folder), False
        for name in only or lines:
            progress(name)
            try:
                lines[name](bench)
            except Surprise as surprise:
                failed = True
                print(f"bench: {name}: {surprise}", file=sys.stderr)
        if not only and not failed:
            write_document(marker, f"`{command}` on: {about}", bench.rows)
        return 1 if failed else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)
