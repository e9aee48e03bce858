#!/usr/bin/env -S python3 -B
"""Measures reconcile against floors of the same run: scripts/bench.py [PROGRAM], or `make bench`.

ONLY=first-pass,push  only these lines (docs/benchmarks.md is then left alone)
RUNS=5                how often each timed thing is repeated; the median counts
Python 3.9 or later, standard library only. Everything happens in one temporary folder below TMPDIR.
"""
import os
import shutil
import sqlite3
import statistics
import sys
import time

from bench_parts import (APPLY, ENVIRONMENT, OBSERVE, PROGRAM, PROJECT, WORKLOAD, Loop, Report, World, measure, median,
                         passes, progress, query, run, runs, timed, wait)

PARALLEL = "16"
MIB = 1024  # in KiB


class Bench(Report):
    """The worlds that lines share, made when first asked for."""

    def __init__(self, folder):
        super().__init__(folder)
        self.worlds = {}

    def world(self, environments, workloads):
        key = (environments, workloads)
        if key not in self.worlds:
            self.worlds[key] = World(f"{self.folder}/{environments}x{workloads}", *key)
        return self.worlds[key]

    def ten_thousand(self):
        return self.world(100, 100)


def head_moved(world, *more):
    def once():
        world.move_head()
        return world.reconcile("--no-drift", *more)
    return median(once, runs(15))


def bench_unchanged(bench):
    """HEAD moved, nothing changed in any environment: against git ls-remote plus the start of the binary."""
    large, small = bench.ten_thousand().in_place(), bench.world(10, 100).in_place()
    ours = head_moved(large)
    floor = median(lambda: timed("git", "ls-remote", large.repository) + timed(PROGRAM, "--version"), runs(15))
    bench.compare("unchanged", ours, floor, 3)
    bench.compare("unchanged-10000/1000", ours, head_moved(small), 1.3)


def bench_one_file(bench):
    """One manifest of 10,000 changed, dry run: against a pass where only HEAD moved."""
    world = bench.ten_thousand().in_place()
    versions = iter(range(2, 1000))

    def once():
        world.commit({world.path(42, 42): world.manifest(42, 42, next(versions))})
        return world.reconcile("--dry-run", "--no-drift", "--detailed-exitcode", ok=(2,))
    ours = median(once, runs(15))
    world.commit({world.path(42, 42): world.manifest(42, 42, "1")})
    bench.compare("one-file", ours, head_moved(world), 1.5)


def xargs(script, items):
    """Seconds of running a script once for each item, as many together as the tool does."""
    lines = "\n".join(items).encode() + b"\n"
    return timed("xargs", "-P", PARALLEL, "-n", "1", "/bin/sh", "-c", script, given=lines)


def bench_observe(bench):
    """A default pass, nothing changed, 10,000 instances observed: against xargs running each observe."""
    world = bench.ten_thousand().in_place()
    world.reconcile()
    ours = median(world.reconcile, runs(3))
    floor = median(lambda: xargs('cat "$0" 2>/dev/null || true', world.targets()), runs(3))
    bench.compare("observe", ours, floor, 1.2)


def bench_first_pass(bench):
    """The first pass over 10,000 workloads: against xargs running observe, apply and observe of each."""
    world = bench.ten_thousand()

    def ours():
        world.start_over()
        return world.reconcile()

    def floor():
        for target in world.targets():
            if os.path.exists(target):
                os.unlink(target)
        observe = 'cat "$0" 2>/dev/null || true'
        apply = 'printf %s 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef > "$0"'
        return sum(xargs(script, world.targets()) for script in (observe, apply, observe))
    low = median(floor, runs(3))
    bench.compare("first-pass", median(ours, runs(3)), low, 1.5)


def bench_push(bench):
    """From the start of a push to the start of the first apply, through the hook, less the same push with no hook."""
    folder = f"{bench.folder}/push"
    hooked, plain, state, clone = (f"{folder}/{name}" for name in ("hooked.git", "plain.git", "state", "clone"))
    started = f"{folder}/started"
    for bare in (hooked, plain):
        run("git", "init", "-q", "--bare", "-b", "main", bare)
    shutil.copy(f"{PROJECT}/hooks/post-receive", f"{hooked}/hooks/post-receive")
    run("git", "-C", hooked, "config", "reconcile.state", state)
    run("git", "-C", hooked, "config", "reconcile.program", PROGRAM)
    run("git", "init", "-q", "-b", "main", clone)
    os.makedirs(f"{clone}/staging")

    def commit(version):
        stamp = f"date +%s%N > {started}.new && mv {started}.new {started}; {APPLY}"
        text = WORKLOAD.format(name="web", root=folder, version=version, observe=OBSERVE, apply=stamp)
        for name, content in (("environment", ENVIRONMENT), ("web", text)):
            with open(f"{clone}/staging/{name}.yaml", "w") as file:
                file.write(content)
        run("git", "-C", clone, "add", ".")
        run("git", "-C", clone, "commit", "-q", "-m", f"Version {version}")

    def settled():
        return query(state, "SELECT count(*) FROM reconciles WHERE finished_at IS NULL") == 0

    def push(version):
        commit(version)
        bare = timed("git", "-C", clone, "push", "-q", plain, "main")
        if os.path.exists(started):
            os.unlink(started)
        begin = time.time_ns()
        run("git", "-C", clone, "push", "-q", hooked, "main")
        wait(lambda: os.path.exists(started), "the push was applied", 20, 0.001)
        with open(started) as file:
            through = (int(file.read()) - begin) / 1e9
        wait(settled, "the pass ended")
        time.sleep(0.05)
        return through, bare

    commit(0)
    for bare in (hooked, plain):
        run("git", "-C", clone, "push", "-q", bare, "main")
    with Loop(folder, hooked, state):
        wait(lambda: os.path.exists(started), "the loop's first pass")
        wait(settled, "the first pass ended")
        times = [push(version) for version in range(1, runs(50) + 1)]
    through, bare = (statistics.median(column) for column in zip(*times))
    over = (through - bare) * 1000
    bench.report("push", f"{through * 1000:.1f} ms", f"{bare * 1000:.1f} ms", f"<= 150 ms over, is {over:.0f}",
                 over <= 150, through / bare)


def drive(loop, world, count):
    """Wakes the loop for so many whole passes, one after the other."""
    for _ in range(count):
        before = passes(world.state)
        loop.wake()
        wait(lambda: passes(world.state) > before, "the pass was counted", 300)


def limit_memory(bench, name, kib, limit):
    bench.report(name, f"{kib / MIB:.1f} MiB", "-", f"<= {limit} MiB", kib <= limit * MIB)


def bench_memory(bench):
    """The idle loop's resident memory with one workload and with 10,000, and what it gains by passing again."""
    one = bench.world(1, 1).in_place()
    with Loop(one.folder, one.repository, one.state) as loop:
        drive(loop, one, 5)
        limit_memory(bench, "idle-one", loop.resident(), 40)
    large = bench.ten_thousand().in_place()
    for name, options, count in (("no-drift", ["--no-drift"], runs(1000)), ("drift", [], runs(20))):
        with Loop(large.folder, large.repository, large.state, *options) as loop:
            drive(loop, large, max(3, count // 20))
            before, began = loop.resident(), time.monotonic()
            if name == "drift":
                limit_memory(bench, "idle-10000", before, 120)
            drive(loop, large, count)
            progress(f"{count} passes took {time.monotonic() - began:.0f} s")
            grown = loop.resident() - before
            bench.report(f"growth-{name}", f"{grown / MIB:+.1f} MiB", f"{before / MIB:.1f} MiB",
                         f"no growth in {count}", grown <= MIB)


def bench_record(bench):
    """100,000 reconciles on record: `history`, and whether the retention setting bounds it."""
    world = World(f"{bench.folder}/record", 1, 1).in_place()
    base = sqlite3.connect(f"{world.state}/reconcile.sqlite")
    columns = [row[1] for row in base.execute("PRAGMA table_info(reconciles)") if row[1] != "id"]
    minute = "strftime('%Y-%m-%dT%H:%M:%fZ', '2025-01-01', i || ' minutes')"
    values = [minute if column.endswith("ed_at") else column for column in columns]
    with base:
        base.execute(f"""WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
                         INSERT INTO reconciles ({", ".join(columns)}) SELECT {", ".join(values)} FROM n,
                         (SELECT * FROM reconciles ORDER BY id LIMIT 1)""")
    base.close()
    ours = median(lambda: timed(PROGRAM, "history", "--state", world.state), runs(15))
    start = median(lambda: timed(PROGRAM, "--version"), runs(15))
    bench.report("history-100000", f"{ours * 1000:.1f} ms", f"{start * 1000:.1f} ms", "<= 100 ms", ours <= 0.1,
                 ours / start)
    config = f"{world.folder}/keep.yaml"
    with open(config, "w") as file:
        file.write("history: {keep: 1000}\n")
    for version in range(2, 5):
        world.commit({world.path(0, 0): world.manifest(0, 0, version)})
        world.reconcile("--config", config)
    rows = query(world.state, "SELECT count(*) FROM reconciles")
    bench.report("history-keep-1000", f"{rows} rows", "-", "<= 1010 rows", rows <= 1010)


LINES = {"first-pass": bench_first_pass, "unchanged": bench_unchanged, "one-file": bench_one_file,
         "observe": bench_observe, "push": bench_push, "memory": bench_memory, "record": bench_record}


if __name__ == "__main__":
    sys.exit(measure(LINES, Bench, "table", "make bench"))
