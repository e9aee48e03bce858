import Glibc
import Model
import Processes
import Testing

@Suite struct SurvivorsTests {
    let box: Sandbox

    init() throws { box = try Sandbox() }

    @Test func childrenOfAnEarlierRunAreEnded() async throws {
        let id = "survivors-\(getpid())"
        let script =
            "for n in 1 2; do setsid sh -c 'sleep 300 & echo $$ > pid'$n'; wait' & done; "
            + "while ! test -s pid1 || ! test -s pid2; do sleep 0.01; done"
        // Children outlive their command by a session of their own, as they outlive a killed parent.
        #expect(await box.shell(script, runner: ProcessRunner(runID: id)).succeeded)
        #expect(await box.shell(script.replacingPIDs, runner: ProcessRunner(runID: id + "0")).succeeded)
        let mine = try (1...2).map { try #require(pid_t(box.text("pid\($0)")?.dropLast() ?? "")) }
        let other = try (1...2).map { try #require(pid_t(box.text("other\($0)")?.dropLast() ?? "")) }
        #expect((mine + other).allSatisfy(isAlive))

        #expect(Survivors.end(runID: id) == 4, "two shells and their two sleeps")
        #expect(!mine.contains(where: isAlive))
        #expect(other.allSatisfy(isAlive), "a longer id is another one")
        #expect(Survivors.end(runID: id) == 0)
        #expect(Survivors.end(runID: id + "0") == 4)
    }
}

extension String {
    fileprivate var replacingPIDs: String {
        split(separator: "pid", omittingEmptySubsequences: false).joined(separator: "other")
    }
}
