import DriverKit
import Glibc
import Model
import Processes
import ShellDriver
import Testing

/// Secrets reach the command and nothing else.
@Suite struct SecretTests {
    let bench: Bench

    init() throws {
        bench = try Bench()
        try bench.write("key", "canary-5up3r\n")
    }

    private var env: [String: Value] { ["env": .map(["KEY": .secret(.file("\(bench.path)/key"))])] }

    @Test func theCommandGetsTheValueAndTheRecordDoesNot() async {
        let line = "test \"$KEY\" = canary-5up3r && echo \"got $KEY\"; echo \"bad $KEY\" >&2; exit 1"
        let report = await bench.driver.apply(bench.target(["apply": line], env))
        #expect(report.commands.map(\.output) == ["got (secret)\nbad (secret)\n"])
        #expect(report.failure == "apply exited 1: bad (secret)")
        #expect(!String(reflecting: report).contains("5up3r"))
    }

    @Test func observationsAreRedacted() async {
        let seen = await bench.driver.observe([
            bench.target(["observe": "echo \"at $KEY\""], env),
            bench.target(["observe": "echo \"no $KEY\" >&2; exit 2"], env),
        ])
        #expect(seen == [.running("at (secret)"), .unknown("observe exited 2: no (secret)")])
    }

    @Test func aSecretThatIsPartOfTheDigestHidesNoDigest() async throws {
        let digest = Digest(ofText: "wanted")
        try bench.write("key", String(digest.hex.prefix(2)))
        let seen = await bench.driver.observe([bench.target(["observe": "echo $RECONCILE_DIGEST"], env)])
        #expect(seen == [.running(digest.hex)])
    }

    @Test func aSecretCommandIsRunAndStaysOutOfArgumentLists() async throws {
        try bench.write("line", "tr '\\0' ' ' < /proc/$$/cmdline; echo ran with \"${RECONCILE_LINE-nothing}\"; exit 4")
        let report = await bench.driver.apply(bench.target([:], ["apply": .secret(.file("\(bench.path)/line"))]))
        let output = try #require(report.commands.first?.output)
        #expect(output.hasPrefix("/bin/sh -c line=$RECONCILE_LINE") && output.hasSuffix("ran with nothing\n"))
        #expect(!output.contains("exit 4"))
        #expect(report.failure?.hasPrefix("apply exited 4: ") == true)
    }

    @Test func whatCannotBeReadSaysWhereAndRunsNothing() async throws {
        let missing: [String: Value] = ["env": .map(["KEY": .secret(.environment("NO_SUCH_VARIABLE_HERE"))])]
        let report = await bench.driver.apply(bench.target(["apply": "touch ran"], missing))
        #expect(
            report.failure?.contains("could not start: the secret in variable 'NO_SUCH_VARIABLE_HERE' is not set")
                == true)
        #expect(report.commands.count == 1 && bench.text("ran") == nil)
        let seen = await bench.driver.observe([bench.target(["observe": "true"], missing)])
        guard case .unknown(let reason)? = seen.first else { throw Failure(reason: "it was seen") }
        #expect(reason.contains("NO_SUCH_VARIABLE_HERE"))
    }
}
