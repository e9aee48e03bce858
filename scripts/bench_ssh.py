#!/usr/bin/env -S python3 -B
"""Measures how reconcile keeps a fleet over SSH, against raw ssh, pyinfra and ansible-core with and without mitogen in the same run:
scripts/fleet.sh scripts/bench_ssh.py [PROGRAM], or `make bench-ssh`.

ONLY=fleet         only these lines (docs/benchmarks.md is then left alone)
RUNS=3             how often what is timed is repeated; the median counts (the peers' lines: once)
HOSTS=5 MANY=50    other sizes (default: 50 and 500)
Python 3.9 or later. Needs root, a network namespace of its own, and the peers in the virtual environment PEERS.
"""
import os
import statistics
import sys
import time

from bench_parts import PROGRAM, Loop, Report, Repository, Surprise, measure, passes, progress, runs, wait
from ssh_parts import OPENED_AT_ONCE, PORT, TARGET, Ansible, Fleet, Mitogen, PyInfra, Raw, content, names

HOSTS, MANY = int(os.environ.get("HOSTS", 50)), int(os.environ.get("MANY", 500))
# By how much the peers shall be slower: at first, and where nothing changed.
PEERS = {PyInfra: (3, 15), Mitogen: (5, 40), Ansible: (40, 250)}
ENVIRONMENT = """kind: Environment
interval: 1h
ssh: {{user: root, port: {port}, identity: {key}, known_hosts: staging/known_hosts, connections: {together}}}
hosts:
"""
WORKLOAD = """kind: Workload
name: settings
driver: ssh
hosts: {{in: fleet}}
rollout: {{max_parallel: 100%, first: 0, min_healthy_time: 0s}}
ssh:
  files:
    - {{path: {target}/link, link: {first}}}
"""


class Ours(Repository):
    """reconcile over the hosts of a fleet."""
    name = "ours"

    def __init__(self, fleet, folder):
        super().__init__(folder)
        self.fleet = fleet

    def commit_version(self, version):
        environment = ENVIRONMENT.format(port=PORT, key=self.fleet.key, together=OPENED_AT_ONCE)
        environment += "".join(f"  host-{number}: {{address: {address}, labels: {{in: fleet}}}}\n"
                               for number, address in enumerate(self.fleet.addresses))
        workload = WORKLOAD.format(target=TARGET, first=names()[0])
        workload += "".join(f"    - {{path: {TARGET}/{name}, source: staging/files/{name}, mode: \"0644\"}}\n" for name in names())
        with open(self.fleet.known_hosts) as file:
            known_hosts = file.read()
        self.commit({"staging/environment.yaml": environment, "staging/known_hosts": known_hosts,
                     "staging/settings.yaml": workload,
                     **{f"staging/files/{name}": content(number, version) for number, name in enumerate(names())}})

    def deploy(self, version):
        self.commit_version(version)
        self.reconcile()


def seconds(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


class Kept:
    """The loop over a fleet in place, its connections kept."""

    def __init__(self, fleet, folder):
        self.fleet, self.ours = fleet, Ours(fleet, folder)
        self.ours.commit_version(1)

    def __enter__(self):
        self.loop = Loop(self.ours.folder, self.ours.repository, self.ours.state).__enter__()
        wait(lambda: os.path.exists(f"{self.ours.state}/reconcile.sqlite") and self.passes() > 0, "the first pass has ended", 600)
        self.fleet.check(1)
        # Asking whether it listens woke it, too: that pass must not be taken for the first that is measured.
        before = -1
        while before != self.passes():
            before = self.passes()
            time.sleep(1)
        self.turn()
        return self

    def __exit__(self, *_):
        self.loop.__exit__()

    def passes(self):
        try:
            return passes(self.ours.state) or 0
        except Exception:
            return 0

    def turn(self):
        """One pass, from the word to look until it is counted."""
        before = self.passes()

        def work():
            self.loop.wake()
            wait(lambda: self.passes() > before, "the pass was counted", 120, 0.002)
        return seconds(work)

    def repair(self):
        """One pass that finds one file of one host changed."""
        path = f"{self.fleet.root(self.fleet.addresses[1])}/{names()[3]}"
        with open(path, "w") as file:
            file.write("changed by hand\n")
        took = self.turn()
        with open(path) as file:
            if file.read() != content(3, 1):
                raise Surprise("the file was not repaired")
        return took

    def processor(self):
        """Seconds of processor time: its own, and that of its children which have ended or still run."""
        own = ended = running = 0.0
        tick = os.sysconf("SC_CLK_TCK")
        for entry in os.scandir("/proc"):
            if not entry.name.isdigit():
                continue
            try:
                with open(f"/proc/{entry.name}/stat") as file:
                    values = file.read().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(entry.name) == self.loop.process.pid:
                own, ended = (int(values[11]) + int(values[12])) / tick, (int(values[13]) + int(values[14])) / tick
            elif int(values[1]) == self.loop.process.pid:
                running += (int(values[11]) + int(values[12])) / tick
        return own, ended + running


def firsts(fleet, folder, count):
    """Seconds of first passes over empty hosts, each of a fresh process."""
    times = []
    for number in range(count):
        fleet.clear()
        ours = Ours(fleet, f"{folder}/apply-{number}")
        ours.commit_version(1)
        times.append(ours.reconcile())
        fleet.check(1)
    return statistics.median(times)


def bench_fleet(bench):
    """Everything about HOSTS hosts."""
    with Fleet(bench.folder, HOSTS) as fleet:
        raw = Raw(fleet, f"{bench.folder}/raw")
        progress("raw ssh")
        times = []
        for _ in range(runs(3)):
            fleet.clear()
            times.append(seconds(lambda: raw.deploy(1)))
            fleet.check(1)
        floor = statistics.median(times)
        progress("ours")
        bench.first = firsts(fleet, bench.folder, runs(3))
        bench.compare("apply", bench.first, floor, 1.5)

        raw.open()
        turns, repairs, floors = [], [], []
        with Kept(fleet, f"{bench.folder}/kept") as kept:
            for _ in range(runs(3) * 5):
                floors.append(seconds(raw.again))
                turns.append(kept.turn())
                repairs.append(kept.repair())
            raw.close()
        bench.turn, repair = statistics.median(turns), statistics.median(repairs)
        bench.compare("again", bench.turn, statistics.median(floors), 2)
        bench.compare("repair", repair, bench.turn, 1.1)

        for peer, (slower, slower_again) in PEERS.items():
            if not os.environ.get("PEERS"):
                raise Surprise("PEERS names no virtual environment, so there is nothing to compare with")
            progress(peer.name)
            fleet.clear()
            tool = peer(fleet, f"{bench.folder}/{peer.name}", os.environ["PEERS"])
            first = seconds(lambda: tool.deploy(1))
            fleet.check(1)
            again = seconds(lambda: tool.deploy(1))
            for line, ours, theirs, times in (("apply", bench.first, first, slower), ("again", bench.turn, again, slower_again)):
                bench.report(f"{line}-{peer.name}", f"{ours * 1000:.1f} ms", f"{theirs * 1000:.1f} ms", f"{times} x faster",
                             ours * times <= theirs, ours / theirs)


def bench_many(bench):
    """MANY hosts against HOSTS of them, and what the loop takes for them."""
    few_first, few_turn = getattr(bench, "first", None), getattr(bench, "turn", None)
    if few_turn is None:
        with Fleet(bench.folder, HOSTS) as fleet:
            few_first = firsts(fleet, f"{bench.folder}/few", 1)
            with Kept(fleet, f"{bench.folder}/few-kept") as kept:
                few_turn = statistics.median(kept.turn() for _ in range(runs(3)))
    limit = 1.05 * MANY / HOSTS
    with Fleet(bench.folder, MANY) as fleet:
        bench.compare(f"apply-{MANY}", firsts(fleet, f"{bench.folder}/many", 1), few_first, limit)
        with Kept(fleet, f"{bench.folder}/many-kept") as kept:
            count = runs(3) * 3
            own, theirs = kept.processor()
            turn = statistics.median([kept.turn() for _ in range(count)])
            own_after, theirs_after = kept.processor()
            kib = kept.loop.resident()
        bench.compare(f"again-{MANY}", turn, few_turn, limit)
        bench.report(f"memory-{MANY}", f"{kib / 1024:.1f} MiB", "-", "<= 100 MiB", kib <= 100 * 1024)
        bench.report(f"processor-{MANY}", f"{(own_after - own) / count * 1000:.0f} ms",
                     f"{(theirs_after - theirs) / count * 1000:.0f} ms", "ours, and its ssh", True)


LINES = {"fleet": bench_fleet, "many": bench_many}

if __name__ == "__main__":
    sys.exit(measure(LINES, Report, "fleet table", "make bench-ssh"))
