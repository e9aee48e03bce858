#!/usr/bin/env -S python3 -B
"""Measures how reconcile delivers containers, against the engine's own API and its peers in the same run:
scripts/engine.sh scripts/bench_containers.py [PROGRAM], or `make bench-containers`.

ONLY=bridge,canary  only these lines (docs/benchmarks.md is then left alone)
RUNS=3              how often what is timed is repeated; the median counts
REPLICAS=5          of the lines that start and roll many (default: 50)
Python 3.9 or later, standard library only. Needs root: an engine of its own runs in namespaces of its own.
"""
import contextlib
import http.client
import os
import signal
import statistics
import subprocess
import sys
import threading
import time

from bench_parts import (ENVIRONMENT, PROGRAM, Loop, Report, Repository, Surprise, environ, measure, median, passes,
                         progress, query, run, runs, timed, wait)
from container_parts import (PORT, REPLICAS, TOGETHER, Compose, HAProxy, Load, RawAPI, Stack, addresses, all_run,
                             build_images, remove_everything, running)

MANIFEST = """kind: Workload
name: web
driver: container
replicas: {replicas}
container:
  image: web:{version}
  pull: never
  {place}
rollout: {{{rollout}}}
"""
ON = {"bridge": f"ports: [{{container: {PORT}}}]", "host": "network_mode: host\n  env: {PORT: \"0\"}"}
BALANCED = """kind: Workload
name: web
driver: container
replicas: 4
container: {{image: "web:{version}", pull: never}}
health: {{http: /healthz, port: {port}, interval: 200ms}}
rollout: {rollout}
traffic: {{port: {port}, haproxy: {{socket: {socket}, backend: web, match_backend: beta}}}}
{monitors}
"""
QUICK = "min_healthy_time: 500ms, drain_timeout: 5s"
STEADY = "min_healthy_time: 3s, drain_timeout: 5s"
STRATEGIES = {
    "rolling": f"{{strategy: rolling, {STEADY}}}",
    "canary": f"{{strategy: canary, {STEADY}, steps: [{{weight: 10%}}, {{pause: 2s}}, {{weight: 50%}}, {{pause: 2s}}]}}",
    "blue-green": f"{{strategy: blue-green, keep_old: 2s, {STEADY}}}",
    "ab": f"{{strategy: canary, {STEADY}, steps: [{{match: {{header: {{name: X-Group, value: beta}}}}}}, {{pause: 2s}}]}}",
}
INTERVAL = 1.0  # seconds, of the monitor whose verdict takes traffic off
MONITOR = """monitor:
  - {{name: answers, http: {{path: /, port: {port}}}, interval: {interval}s, failures: 1}}"""


class Ours(Repository):
    """reconcile as one that deploys, like its peers: a commit and a pass of a fresh process."""
    name = "ours"

    def __init__(self, folder, network):
        super().__init__(f"{folder}/ours-{network}")
        self.network = network

    def commit_version(self, version):
        rollout = f"min_healthy_time: 0s, max_parallel: {TOGETHER}"
        self.commit({"staging/environment.yaml": ENVIRONMENT, "staging/web.yaml": MANIFEST.format(
            replicas=REPLICAS, version=version, place=ON[self.network], rollout=rollout)})

    def deploy(self, version):
        self.commit_version(version)
        self.reconcile()

    def again(self):
        # No commit is part of it: nothing changed.
        self.reconcile()

    def remove(self):
        remove_everything()


def compare_deploys(bench, network):
    """Up from nothing, a roll of everything to another image, a second pass: each tool in turn, so often as RUNS says."""
    taken = {}

    def take(tool, what, work):
        begin = time.perf_counter()
        work()
        taken.setdefault((what, tool.name), []).append(time.perf_counter() - begin)

    def reach(tool, version):
        tool.deploy(version)
        wait(lambda: all_run(version), f"{REPLICAS} containers of {tool.name} run version {version}", 180, 0.05)
    for number in range(runs(3)):
        for kind in (RawAPI, Ours, Compose, Stack):
            progress(f"{network}: {kind.name}")
            tool = kind(f"{bench.folder}/{network}-{number}", network)
            take(tool, "up", lambda: reach(tool, 1))
            tool.again()
            for _ in range(5):
                take(tool, "again", tool.again)
            take(tool, "roll", lambda: reach(tool, 2))
            tool.remove()
    middle = {key: statistics.median(times) for key, times in taken.items()}
    for what, limit in (("up", 1.1), ("roll", 1.1), ("again", 3)):
        ours = middle[what, "ours"]
        bench.compare(f"{what}-{network}", ours, middle[what, "raw"], limit)
        for peer in ("compose", "stack"):
            theirs = middle[what, peer]
            # What a second run of theirs costs is only told.
            wanted, good = ("-", True) if what == "again" else ("<= 1 x", ours <= theirs)
            bench.report(f"{what}-{network}-{peer}", f"{ours * 1000:.1f} ms", f"{theirs * 1000:.1f} ms", wanted, good, ours / theirs)


def bench_bridge(bench):
    compare_deploys(bench, "bridge")


def bench_host(bench):
    compare_deploys(bench, "host")


class Delivery(Repository):
    """Four replicas behind a HAProxy, rolled out in one way."""

    def __init__(self, bench, name, rollout, monitors=""):
        super().__init__(f"{bench.folder}/{name}")
        self.rollout, self.monitors = rollout, monitors

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        self.passes = []
        self.stack.callback(remove_everything)
        self.stack.callback(lambda: [self.stop_pass(process) for process in self.passes])
        self.haproxy = self.stack.enter_context(HAProxy(self.folder))
        self.deploy(1)
        wait(lambda: self.serves(1), "the first version serves", 30)
        return self

    def __exit__(self, *_):
        self.stack.close()

    def commit_version(self, version):
        self.commit({"staging/environment.yaml": ENVIRONMENT, "staging/web.yaml": BALANCED.format(
            version=version, port=PORT, rollout=self.rollout, socket=self.haproxy.socket, monitors=self.monitors)})

    def deploy(self, version):
        self.commit_version(version)
        self.reconcile()

    def start(self, version):
        """Rolls out in the background."""
        self.commit_version(version)
        self.passes.append(subprocess.Popen([PROGRAM, *self.options("-q")], env=environ(), stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL))
        return self.passes[-1]

    def share(self, version):
        """The percent of new requests, without the header, that HAProxy gives to a version."""
        weights, theirs = self.haproxy.weights("web"), addresses(version)
        return 100 * sum(weights.get(address, 0) for address in theirs) / (sum(weights.values()) or 1)

    def has_traffic(self, version):
        return self.share(version) > 0 or bool(addresses(version) & self.haproxy.weights("beta").keys())

    def serves(self, version):
        return self.share(version) == 100 and not self.haproxy.weights("beta")

    def await_rollback(self, process):
        wait(lambda: process.poll() is not None, "the pass has rolled back", 120)
        if process.returncode != 3:
            raise Surprise(f"a pass that should have rolled back ended with {process.returncode}, not with 3")

    def stop_pass(self, process):
        process.kill()
        process.wait()

    # Each brings the rollout to its end under load. Version 1 runs before, and after an even number of them.
    def forward(self):
        self.deploy(2)

    def back(self):
        self.deploy(1)

    def aborted(self):
        process = self.start(3)
        wait(lambda: self.has_traffic(3), "the new version gets traffic", 60)
        run(PROGRAM, "abort", "staging", "--state", self.state)
        self.await_rollback(process)

    def killed(self):
        process = self.start(4)
        wait(lambda: self.has_traffic(4), "the new version gets traffic", 60)
        self.stop_pass(process)
        self.reconcile()


def compare_load(bench, name):
    """A steady load over rollouts of one strategy: no request may fail, and answers may take little longer."""
    with Delivery(bench, name, STRATEGIES[name]) as delivery:
        def under_load(work):
            with Load(delivery.haproxy.address) as load:
                work()
            return load
        quiet = under_load(lambda: time.sleep(8))
        for what, version in (("forward", 2), ("back", 1), ("aborted", 1), ("killed", 4)):
            load = under_load(getattr(delivery, what))
            wait(lambda: delivery.serves(version) and running(version) == (4, 4), f"only version {version} serves", 30)
            bench.report(f"{name}-{what}", f"{load.p99 * 1000:.1f} ms", f"{quiet.p99 * 1000:.1f} ms",
                         f"<= 1.5 x, {load.failed} of {load.requests} failed",
                         load.failed == 0 and load.p99 <= 1.5 * quiet.p99, load.p99 / quiet.p99)


def count_answers(port, count, workers=20):
    """How many of so many answers come from each version."""
    found, lock = {}, threading.Lock()

    def ask():
        connection, mine = http.client.HTTPConnection("127.0.0.1", port, timeout=10), {}
        for _ in range(count // workers):
            connection.request("GET", "/")
            version = connection.getresponse().read().split()[1].decode()
            mine[version] = mine.get(version, 0) + 1
        with lock:
            for version, number in mine.items():
                found[version] = found.get(version, 0) + number
    threads = [threading.Thread(target=ask) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if sum(found.values()) != count:
        raise Surprise(f"{sum(found.values())} of {count} requests were answered")
    return found


def bench_share(bench):
    """Of 10,000 requests, how many the canary answers, while it stands at each of two weights."""
    for weight in (10, 50):
        rollout = f"{{strategy: canary, {QUICK}, steps: [{{weight: {weight}%}}, {{pause: 10m}}]}}"
        with Delivery(bench, f"share-{weight}", rollout) as delivery:
            process = delivery.start(2)
            wait(lambda: abs(delivery.share(2) - weight) < 1, f"the canary has {weight} %", 60)
            time.sleep(1)
            found = count_answers(delivery.haproxy.port, 10_000)
            delivery.stop_pass(process)
            share = found.get("2", 0) / sum(found.values()) * 100
            bench.report(f"share-{weight}", f"{share:.2f} %", f"{weight} %", "within 1 %", abs(share - weight) <= 1)


def bench_reaction(bench):
    """From the first measurement that fails to a balancer that gives the canary nothing."""
    times = []
    rollout = f"{{strategy: canary, {QUICK}, steps: [{{weight: 50%}}, {{monitor: 1m}}]}}"
    for number in range(runs(3)):
        monitors = MONITOR.format(port=PORT, interval=f"{INTERVAL:g}")
        with Delivery(bench, f"reaction-{number}", rollout, monitors) as delivery:
            process = delivery.start("bad")
            wait(lambda: delivery.share("bad") > 0, "the canary gets traffic", 60)
            wait(lambda: delivery.share("bad") == 0, "the canary is off", 60, 0.01)
            off = time.time()
            delivery.await_rollback(process)
            first = query(delivery.state, "SELECT unixepoch(at) + substr(at, 20, 4) FROM measurements "
                                          "WHERE verdict = 'fail' ORDER BY at LIMIT 1")
            times.append(off - float(first))
    took = statistics.median(times)
    bench.report("reaction", f"{took * 1000:.0f} ms", f"{INTERVAL * 1000:.0f} ms", "<= interval + 1 s", took <= INTERVAL + 1)


def bench_memory(bench):
    """The loop's resident memory while 50 containers are its to keep."""
    tool = Ours(f"{bench.folder}/memory", "host")
    tool.commit_version(1)
    with Loop(tool.folder, tool.repository, tool.state) as loop:
        wait(lambda: all_run(1), "all containers run", 180, 0.1)
        for _ in range(runs(10)):
            before = passes(tool.state)
            loop.wake()
            wait(lambda: passes(tool.state) > before, "the pass was counted", 60)
        kib = loop.resident()
    tool.remove()
    bench.report("memory", f"{kib / 1024:.1f} MiB", "-", "<= 60 MiB", kib <= 60 * 1024)


class Bench(Report):
    def __init__(self, folder):
        super().__init__(folder)
        slow = {"LATENCY": "10"}
        build_images(folder, {**{version: slow for version in (1, 2, 3, 4)}, "bad": {**slow, "ERRORS": "1"}})


LINES = {"bridge": bench_bridge, "host": bench_host, "memory": bench_memory, "share": bench_share, "reaction": bench_reaction,
         **{name: lambda bench, name=name: compare_load(bench, name) for name in STRATEGIES}}

if __name__ == "__main__":
    sys.exit(measure(LINES, Bench, "containers table", "make bench-containers"))
