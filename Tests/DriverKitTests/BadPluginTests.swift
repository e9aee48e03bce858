import Foundation
import Glibc
import Model
import TestSupport
import Testing

@testable import DriverKit

/// What a plugin can do wrong: each is one clear sentence, and nothing of it stays.
@Suite(.timeLimit(.minutes(5))) struct BadPluginTests {
    private func reason(_ script: String, shell: Bool = false, timeout: TimeSpan = .seconds(120)) async throws -> String
    {
        var reason = ""
        try await Bench.with { bench in
            let driver = try bench.driver(script, shell: shell, timeout: timeout)
            reason = await driver.observe([bench.target(driver: driver)]).reason
            await driver.close()
            #expect(bench.processes == 0, "nothing of it stays")
        }
        return reason
    }

    @Test func whatIsNotThere() async throws {
        try await Bench.with { bench in
            let away = bench.driver(at: "/nowhere/reconcile-driver-thing")
            let report = await away.apply(bench.target(driver: away))
            #expect(
                report.failure
                    == "the driver thing cannot be started: the program '/nowhere/reconcile-driver-thing' does not exist"
            )
            let nameless = bench.driver(at: nil)
            #expect(
                await nameless.observe([bench.target(driver: nameless)]).reason.hasPrefix(
                    "the driver thing cannot be started: the program 'reconcile-driver-thing' is in no folder of PATH"))
            // On a loaded machine the pause may be over before it is asked again; then there is another.
            var text = ""
            for _ in 0..<50 where !text.contains("it is not started again for") {
                let health = await away.health(bench.target(driver: away))
                guard case .inconclusive(let reason)? = health?.verdict else {
                    throw TestSupportError("\(health as Any)")
                }
                text = reason
            }
            #expect(text.contains("it is not started again for"))
        }
    }

    @Test func anotherVersion() async throws {
        #expect(
            try await reason("hello(protocol=2, version=\"9.1\")\nline()")
                == "the driver thing (version 9.1) speaks version 2 of the protocol, and this reconcile speaks 1: "
                + "install a version of one that fits the other")
        #expect(
            try await reason("hello(name=\"other\")\nline()").hasPrefix(
                "the program of the driver thing says that it is the driver other"))
    }

    @Test func noHello() async throws {
        #expect(
            try await reason("echo 'usage: thing' >&2; exit 3", shell: true)
                == "the driver thing ended by itself with exit 3 before it said hello; it last said: usage: thing")
        #expect(
            try await reason("echo hello; sleep 300", shell: true)
                == "the driver thing printed something else than its hello: hello")
        #expect(
            try await reason("line()\nsay(hello={\"protocol\": \"one\", \"name\": \"thing\"})\nline()").hasPrefix(
                "the driver thing printed something else than its hello"))
        #expect(
            try await reason("sleep 300", shell: true) == "the driver thing did not say hello within 10s")
        #expect(
            try await reason("head -c 2000000 /dev/zero; sleep 300", shell: true)
                == "the driver thing printed a line of more than 1 MiB instead of its hello")
    }

    @Test func garbageInsteadOfAnAnswer() async throws {
        #expect(
            try await reason("hello()\nline()\nprint(\"<b>\\x07\", flush=True)\nline()")
                == "the driver thing was killed: it printed a line that is no message of the protocol: <b>\\u{7}")
        #expect(
            try await reason("hello()\nline()\nsay(id=99, result={})\nline()")
                == "the driver thing was killed: it answered request 99, which is not open")
        #expect(
            try await reason("hello()\nline()\nsay(id=1, result={\"state\": \"fine\"})\nline()").hasPrefix(
                "the driver thing was killed: it printed a line that is no message"))
        #expect(
            try await reason("hello()\nserve(lambda request: {\"result\": {}})")
                == "thing gave 0 observations where 1 were asked for")
        #expect(
            try await reason("hello()\nline()\nprint(\"[\" * 500000, flush=True)\nline()").hasPrefix(
                "the driver thing was killed: it printed a line that is no message"))
    }

    @Test func floods() async throws {
        let before = memory()
        #expect(
            try await reason("hello()\nline()\nwhile True: sys.stdout.write(\"x\" * 65536)")
                == "the driver thing was killed: it printed a line of more than 1 MiB")
        #expect(
            try await reason("hello()\nline()\nfor n in range(1 << 14): say(id=1, log=\"y\" * 100000)\ntime.sleep(300)")
                == "the driver thing was killed: it printed more than 64 MiB without an answer")
        #expect(
            try await reason(
                "hello()\nline()\nfor n in range(1 << 14): print(\"z\" * 100000, file=sys.stderr)\ntime.sleep(300)")
                == "the driver thing was killed: it printed more than 64 MiB without an answer")
        // A gigabyte was on its way each time; what is kept is bounded. Other tests use some meanwhile.
        #expect(memory() - before < 512 << 20)
    }

    @Test func deathInTheMiddle() async throws {
        #expect(
            try await reason(
                "hello()\nline()\nprint(\"out of luck\", file=sys.stderr, flush=True)\nos.kill(os.getpid(), 11)")
                == "the driver thing was ended by signal 11; it last said: out of luck")
        #expect(try await reason("hello()\nline()\nsys.exit(4)") == "the driver thing ended by itself with exit 4")
    }

    @Test func hanging() async throws {
        // Both hang until they are killed; one of them was asked to stop before.
        for capabilities in ["[]", "[\"cancel\"]"] {
            let text = try await reason(
                "hello(capabilities=\(capabilities))\nwhile True: line()", timeout: .init(milliseconds: 500))
            #expect(text == "observe timed out after 500ms")
        }
    }

    @Test func daemonsDieWithIt() async throws {
        try await Bench.with { bench in
            let driver = try bench.driver(
                """
                hello()
                os.system("setsid sh -c 'echo $$ >> " + HERE + "/daemon; exec sleep 300' & sleep 300 &")
                serve(lambda request: {"result": {"state": "absent"}})
                """)
            #expect(await driver.observe([bench.target(driver: driver)]) == [.absent])
            #expect(try await eventually { !bench.lines("daemon").isEmpty })
            #expect(bench.processes > 2)
            await driver.close()
            #expect(bench.processes == 0)
        }
    }

    @Test func thePausesGrowToAMinute() {
        let pauses = [1, 2, 3, 6, 7, 8, 1000].map { PluginProtocol.pause(afterDeaths: $0) }
        #expect(pauses == [1, 2, 4, 32, 60, 60, 60].map { .seconds($0) })
    }

    @Test func aDeadOneIsStartedAgainAfterAPause() async throws {
        try await Bench.with { bench in
            let driver = try bench.driver(
                """
                add("starts", "1")
                hello(parallel=8)
                request = line()
                if not os.path.exists(HERE + "/well"):
                    sys.exit(1)
                say(id=request["id"], result={"state": "absent"})
                serve(lambda request: {"result": {"state": "absent"}})
                """)
            let target = bench.target(driver: driver)
            // Fifty that ask together, and again at once: one start, and one sentence for all.
            for _ in 1...2 {
                await withTaskGroup(of: String.self) { group in
                    for _ in 1...50 { group.addTask { await driver.observe([target]).reason } }
                    for await reason in group {
                        #expect(reason.hasPrefix("the driver thing ended by itself with exit 1"), "\(reason)")
                    }
                }
            }
            let starts = bench.lines("starts").count
            // A slow machine may outlive a pause; each is longer than the one before.
            #expect(starts <= 5, "it was started \(starts) times")
            #expect(
                try await eventually { await driver.observe([target]).reason.contains("it is not started again for") })
            try "".write(toFile: bench.folder + "/well", atomically: true, encoding: .utf8)
            #expect(try await eventually { await driver.observe([target]) == [.absent] })
            await driver.close()
        }
    }

    /// The resident memory of this process, in bytes.
    private func memory() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = status.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
