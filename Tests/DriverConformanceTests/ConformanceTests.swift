import DriverConformance
import DriverKit
import Foundation
import Glibc
import Model
import Processes
import ShellDriver
import TestSupport
import Testing

/// The drivers that are ours pass the suite, and for each check there is a driver that fails it.
@Suite(.timeLimit(.minutes(5))) struct ConformanceTests {
    private func sample(_ driver: any Driver, _ folder: String, _ block: (_ version: String, _ root: String) -> Value)
        -> ConformanceSample
    {
        func deployable(_ version: String, _ root: String) -> Deployable {
            let block = block(version, root)
            return Deployable(
                driver: driver.description.name, block: block, files: [],
                digest: driver.digest(block: block, files: []), health: nil)
        }
        return ConformanceSample(
            workload: "thing", first: deployable("one", folder), second: deployable("two\n", folder),
            unreachable: deployable("one", "/nowhere/at-all"), folder: folder, healthyWithin: .seconds(1))
    }

    private func plugin(_ path: String, _ name: String) -> PluginDriver {
        PluginDriver(
            PluginSettings(name: name, path: path, timeout: .seconds(60)), runner: ProcessRunner(), slots: Slots(8),
            baseEnvironment: ["PATH": "/usr/local/bin:/usr/bin:/bin"])
    }

    @Test(arguments: ["python", "sh"])
    func bothExamplesPass(language: String) async throws {
        try await TemporaryFolder.with { folder in
            try "canary-7\n".write(toFile: folder + "/secret", atomically: true, encoding: .utf8)
            let driver = plugin(Project.path("docs/examples/\(language)/reconcile-driver-file"), "file")
            let sample = sample(driver, folder) { version, root in
                .map([
                    "folder": .string(root), "text": .string(version), "pause": .string("0.2"),
                    "key": .secret(.file(folder + "/secret")),
                ])
            }
            let results = await Conformance(driver, sample).run { _ in }
            await driver.close()
            #expect(results.count == 18)
            for result in results { #expect(result.outcome == .passed, "\(result)") }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left == ["secret"])
        }
    }

    @Test(arguments: ["python", "sh"])
    func theExamplesAreShort(language: String) throws {
        let text = try String(
            contentsOfFile: Project.path("docs/examples/\(language)/reconcile-driver-file"), encoding: .utf8)
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count < 150)
    }

    @Test func theShellDriverPasses() async throws {
        try await TemporaryFolder.with { folder in
            try "canary-7\n".write(toFile: folder + "/secret", atomically: true, encoding: .utf8)
            let driver = ShellDriver(
                runner: ProcessRunner(), slots: Slots(8), baseEnvironment: ["PATH": "/usr/local/bin:/usr/bin:/bin"])
            let sample = sample(driver, folder) { version, root in
                .map([
                    "env": .map([
                        "ROOT": .string(root), "VERSION": .string(version), "KEY": .secret(.file(folder + "/secret")),
                    ]),
                    "observe": .string(
                        #"test -d "$ROOT" || exit 3; cat "$ROOT/$RECONCILE_INSTANCE" 2>/dev/null || true"#),
                    "apply": .string(
                        #"set -e; sleep 0.1; printf %s "$RECONCILE_DIGEST" >"$ROOT/new"; mv "$ROOT/new" "$ROOT/$RECONCILE_INSTANCE""#
                            .replacingOccurrences(of: "/new", with: "/$RECONCILE_INSTANCE.new")),
                    "remove": .string(#"test -d "$ROOT" && rm -f "$ROOT/$RECONCILE_INSTANCE""#),
                    "health": .string(#"test -s "$ROOT/$RECONCILE_INSTANCE""#),
                ])
            }
            let results = await Conformance(driver, sample).run { _ in }
            #expect(results.count == 12)
            for result in results { #expect(result.outcome == .passed, "\(result)") }
        }
    }

    /// A plugin that does everything right, with one thing done wrong, and the check that finds it.
    struct Mutant: Sendable, CustomTestStringConvertible {
        var check: String
        var right: String
        var wrong: String
        var testDescription: String { check }
    }

    static let mutants: [Mutant] = [
        Mutant(check: "hello", right: "NAME = 'thing'", wrong: "NAME = 'other'"),
        Mutant(check: "other-version", right: "VERSION = 1", wrong: "VERSION = message['hello']['protocols'][0]"),
        Mutant(check: "unknown-keys", right: "UNKNOWN = False", wrong: "UNKNOWN = 'later' in message"),
        Mutant(check: "unknown-request", right: "return {'error': 'what?'}", wrong: "return {'result': {}}"),
        Mutant(check: "ends", right: "sys.exit(0)", wrong: "time.sleep(300)"),
        Mutant(check: "kept", right: "GROWN_OLD = 1000", wrong: "GROWN_OLD = 12"),
        Mutant(check: "absent", right: "None: {'state': 'absent'}", wrong: "None: {'state': 'running', 'digest': 'x'}"),
        Mutant(check: "apply", right: "there[key] = digest", wrong: "there[key] = 'something'"),
        Mutant(check: "apply-again", right: "if False: #again", wrong: "if there.get(key) == digest:"),
        Mutant(check: "health", right: "'healthy': True", wrong: "'healthy': False"),
        Mutant(check: "update", right: "seen = there.get(key)", wrong: "seen = digest if key in there else None"),
        Mutant(check: "independent", right: "there.pop(key, None)", wrong: "there.clear()"),
        Mutant(check: "many", right: "'observations': sights", wrong: "'observations': sorted(sights, key=str)"),
        Mutant(check: "cancel", right: "'error': 'cancelled'", wrong: "'result': {}"),
        Mutant(check: "remove", right: "GONE = True", wrong: "GONE = False"),
        Mutant(check: "remove-again", right: "if False: #gone", wrong: "if key not in there:"),
        Mutant(check: "unknown", right: "{'state': 'unknown', 'reason': 'away'}", wrong: "{'state': 'absent'}"),
        Mutant(check: "secrets", right: "SAYS = False", wrong: "SAYS = True"),
    ]

    /// Keeps what it did in memory and, for processes after it, in a file.
    private static let plugin = """
        #!/usr/bin/python3
        import json, os, select, sys, time
        STATE = os.path.dirname(os.path.abspath(__file__)) + "/state"
        GROWN_OLD = 1000
        GONE = True
        SAYS = False
        def say(**message):
            print(json.dumps(message), flush=True)
        def line():
            text = sys.stdin.readline()
            if not text:
                sys.exit(0)
            return json.loads(text)
        def load():
            try:
                with open(STATE) as file:
                    return json.load(file)
            except FileNotFoundError:
                return {}
        def observe(asked, there):
            key, digest = asked["instance"], asked["digest"]
            if asked["block"]["root"] == "/nowhere/at-all":
                return {'state': 'unknown', 'reason': 'away'}
            seen = there.get(key)
            return {None: {'state': 'absent'}}.get(seen, {"state": "running", "digest": seen})
        def answer(asked):
            there = load()
            what = asked["request"]
            if what == "observe" and "targets" in asked:
                sights = [observe(one, there) for one in asked["targets"]]
                return {"result": {'observations': sights}}
            key, digest, block = asked["instance"], asked["digest"], asked["block"]
            if what == "observe":
                return {"result": observe(asked, there)}
            if what == "health":
                return {"result": {'healthy': True}}
            if what not in ("apply", "remove"):
                return {'error': 'what?'}
            if block["root"] == "/nowhere/at-all":
                return {"error": "away"}
            if what == "remove":
                if False: #gone
                    return {"error": "it is gone already"}
                if GONE:
                    there.pop(key, None)
            else:
                if SAYS:
                    say(id=asked["id"], log="with " + block["key"])
                if False: #again
                    return {"error": "it is there already"}
                # A cancel may come while it works.
                if select.select([sys.stdin], [], [], 0.3)[0]:
                    message = line()
                    if "cancel" in message:
                        return {'error': 'cancelled'}
                    later.append(message)
                there[key] = digest
            with open(STATE + ".new", "w") as file:
                json.dump(there, file)
            os.replace(STATE + ".new", STATE)
            return {"result": {}}
        later = []
        message = line()
        NAME = 'thing'
        VERSION = 1
        say(hello={"protocol": VERSION, "name": NAME, "capabilities": ["health", "cancel", "observe-many"]})
        count = 0
        while True:
            message = later.pop(0) if later else line()
            UNKNOWN = False
            if UNKNOWN or count > GROWN_OLD:
                os._exit(1)
            if "request" in message:
                count += 1
                say(id=message["id"], **answer(message))
        """

    private func results(_ script: String) async throws -> [ConformanceResult] {
        try await TemporaryFolder.with { folder in
            let path = folder + "/reconcile-driver-thing"
            try "canary-7\n".write(toFile: folder + "/secret", atomically: true, encoding: .utf8)
            try script.write(toFile: path, atomically: true, encoding: .utf8)
            chmod(path, 0o755)
            let driver = plugin(path, "thing")
            let sample = sample(driver, folder) { version, root in
                .map(["text": .string(version), "root": .string(root), "key": .secret(.file(folder + "/secret"))])
            }
            let results = await Conformance(driver, sample).run { _ in }
            await driver.close()
            return results
        }
    }

    @Test func onlyTheRightOnePasses() async throws {
        for result in try await results(Self.plugin) { #expect(result.outcome == .passed, "\(result)") }
    }

    @Test(arguments: mutants) func eachCheckFindsWhatItIsFor(mutant: Mutant) async throws {
        #expect(Self.plugin.contains(mutant.right))
        let results = try await results(Self.plugin.replacingOccurrences(of: mutant.right, with: mutant.wrong))
        let found = try #require(results.first { $0.check == mutant.check }, "\(results)")
        #expect(found.outcome == .failed, "\(results)")
    }

    @Test func nothingIsTouchedWhereSomethingIsThere() async throws {
        try await TemporaryFolder.with { folder in
            let file = folder + "/conformance-thing-1"
            try "mine".write(toFile: file, atomically: true, encoding: .utf8)
            let driver = plugin(Project.path("docs/examples/python/reconcile-driver-file"), "file")
            let sample = sample(driver, folder) { version, root in
                .map(["folder": .string(root), "text": .string(version)])
            }
            let results = await Conformance(driver, sample).run { _ in }
            await driver.close()
            #expect(results.last?.check == "absent" && results.last?.outcome == .failed)
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
        }
    }
}
