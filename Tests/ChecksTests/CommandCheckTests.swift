import Checks
import Foundation
import Model
import Processes
import Testing

@Suite struct CommandCheckTests {
    private let checker = Checker(
        runner: ProcessRunner(), slots: Slots(2), baseEnvironment: ["PATH": "/usr/bin:/bin", "OURS": "hidden"])

    @Test func exitZeroPasses() async {
        let check = Check(.command(.plain("echo \"$RECONCILE_ENVIRONMENT ${OURS-none}\"; pwd")))
        let answer = await checker.ask(
            check, purpose: "smoke", environment: ["RECONCILE_ENVIRONMENT": "staging"], folder: "/")
        #expect(answer.verdict == .pass)
        #expect(answer.record?.output == "staging none\n/\n")
        #expect(answer.record?.purpose == "smoke" && answer.record?.status == "exit 0")
    }

    @Test func anythingElseFailsWithItsLastLine() async throws {
        let failing = await checker.ask(
            Check(.command(.plain("echo one; echo two; exit 7"))), environment: [:], folder: "/")
        #expect(failing.verdict == .fail("check exited 7: two"))
        let slow = Check(.command(.plain("sleep 60")), timeout: TimeSpan(milliseconds: 200))
        #expect(await checker.ask(slow, environment: [:], folder: "/").verdict == .fail("check timed out after 200ms"))
        let nowhere = await checker.ask(Check(.command(.plain("true"))), environment: [:], folder: "/nowhere/at-all")
        guard case .fail(let reason) = nowhere.verdict else { throw Failure(reason: "it ran") }
        #expect(reason.contains("/nowhere/at-all"))
    }

    @Test func aCancelledCommandIsInconclusive() async throws {
        let task = Task {
            await checker.ask(Check(.command(.plain("sleep 60"))), environment: [:], folder: "/").verdict
        }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        #expect(await task.value == .inconclusive("check was cancelled"))
    }
}
