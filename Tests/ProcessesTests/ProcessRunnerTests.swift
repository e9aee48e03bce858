import Glibc
import Model
import Processes
import TestSupport
import Testing

@Suite struct ProcessRunnerTests {
    let box: Sandbox

    init() throws { box = try Sandbox() }

    @Test func tellsExitStatusAndBothOutputs() async {
        let result = await box.shell("echo out; echo err >&2; exit 3")
        #expect(result.ending == .exited(3))
        #expect(result.outputText == "out\n")
        #expect(result.errorText == "err\n")
        #expect(!result.isTruncated && !result.succeeded)
        #expect(await box.shell("true").succeeded)
        #expect(await box.shell("kill -TERM $$").ending == .signaled(SIGTERM))
    }

    @Test func mergedOutputsKeepTheirOrder() async {
        let result = await box.shell("echo 1; echo 2 >&2; echo 3", merges: true)
        #expect(result.outputText == "1\n2\n3\n")
        #expect(result.errors.isEmpty)
    }

    @Test func theChildHasOnlyWhatItIsGiven() async {
        #expect(environ[0] != nil, "there is something that could leak")
        let leaked = open("/dev/null", O_RDONLY)
        defer { close(leaked) }
        let runner = ProcessRunner(runID: "state-7")
        let command = Command(
            "env", environment: ["A": "1", "PATH": "/usr/bin:/bin", "RECONCILE_RUN": "forged"],
            secrets: ["B": Secret("two")])
        let lines = await runner.run(command).outputText.split(separator: "\n")
        #expect(Set(lines) == ["A=1", "B=(secret)", "PATH=/usr/bin:/bin", "RECONCILE_RUN=state-7"])
        let script = "for f in /proc/$$/fd/*; do echo ${f##*/}; done; grep -E 'Sig(Blk|Ign)' /proc/self/status; pwd"
        let text = await box.shell(script).outputText
        #expect(text.hasPrefix("0\n1\n2\n") || text.hasPrefix("0\n1\n10\n2\n"))
        #expect(text.contains("SigBlk:\t0000000000000000"))
        // glibc keeps its own two, 32 and 33.
        #expect(text.contains("SigIgn:\t0000000180000000") || text.contains("SigIgn:\t0000000000000000"), "\(text)")
        #expect(text.hasSuffix("\(box.path)\n"))
    }

    @Test func secretsWinOverTheEnvironment() async {
        let result = await box.shell(
            "test \"$A\" = hidden && echo same", environment: ["A": "shown"], secrets: ["A": Secret("hidden")])
        #expect(result.outputText == "same\n")
    }

    @Test func theDeadlineKillsGrandchildrenToo() async throws {
        let result = await withDeadlines {
            await box.shell("sleep 300 & echo $! > pid; sleep 300", timeout: $0)
        } until: { _ in
            box.text("pid")?.hasSuffix("\n") == true
        }
        #expect(result.ending == .timedOut)
        #expect(result.duration < .seconds(200), "the pipe that the grandchild holds is not waited for")
        let pid = try #require(pid_t(box.text("pid")?.dropLast() ?? ""))
        #expect(try await eventually { !isAlive(pid) })
    }

    @Test func whatIgnoresTermAndHupDiesAtTheDeadline() async {
        let result = await box.shell("trap '' TERM HUP INT; while :; do sleep 1; done", timeout: .milliseconds(200))
        #expect(result.ending == .timedOut)
    }

    @Test func aStoppedChildDiesAtTheDeadline() async {
        #expect(await box.shell("kill -STOP $$", timeout: .milliseconds(200)).ending == .timedOut)
    }

    @Test func backgroundChildrenEndWithTheirCommand() async throws {
        let result = await box.shell("sleep 300 & echo $!")
        #expect(result.ending == .exited(0))
        let pid = try #require(pid_t(result.outputText.dropLast()))
        #expect(try await eventually { !isAlive(pid) })
    }

    @Test func aDaemonThatHoldsThePipesIsNotWaitedFor() async throws {
        let result = await box.shell(
            "setsid sh -c 'echo $$ > pid; exec sleep 300' & while ! test -s pid; do :; done; echo done")
        #expect(result.ending == .exited(0))
        #expect(result.outputText == "done\n")
        let pid = try #require(pid_t(box.text("pid")?.dropLast() ?? ""))
        #expect(isAlive(pid))
        kill(pid, SIGKILL)
    }

    @Test func aDaemonThatNeverStopsWritingIsNotWaitedFor() async throws {
        let result = await box.shell(
            "setsid sh -c 'echo $$ > pid; exec yes' & while ! test -s pid; do :; done", limit: 1000)
        #expect(result.ending == .exited(0))
        let pid = try #require(pid_t(box.text("pid")?.dropLast() ?? ""))
        #expect(try await eventually { !isAlive(pid) }, "it gets SIGPIPE")
    }

    /// In a process of its own: what other tests use meanwhile is not counted.
    @Test func aGibibyteOfOutputNeitherBlocksNorStays() async {
        await #expect(processExitsWith: .success) {
            let box = try Sandbox()
            let before = peakMemory()
            let result = await box.shell("head -c 1073741824 /dev/zero; echo; echo last", limit: 4096)
            #expect(result.ending == .exited(0))
            #expect(result.isTruncated && result.output.count <= 4096)
            #expect(result.outputText.hasSuffix("\nlast\n"))
            #expect(result.outputText.contains("bytes left out"))
            #expect(peakMemory() - before < 64 << 10)
        }
    }

    @Test func inputIsReadToItsEnd() async {
        let input = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let result = await box.shell("cat", input: input, limit: 2_000_000)
        #expect(result.output == input)
        #expect(await box.shell("cat").outputText.isEmpty)
    }

    @Test func aChildThatDoesNotReadBlocksNobody() async {
        let input = [UInt8](repeating: 65, count: 4 << 20)
        #expect(await box.shell("exit 0", input: input).succeeded)
        #expect(await box.shell("exec 0<&-; echo on", input: input).outputText == "on\n")
        #expect(await box.shell("head -c 1 >/dev/null; sleep 0.2", input: input).succeeded)
    }

    @Test func cancellationKillsTheGroup() async throws {
        let task = Task { await box.shell("sleep 300 & echo $! > pid; wait") }
        #expect(try await eventually { box.text("pid")?.hasSuffix("\n") == true })
        task.cancel()
        #expect(await task.value.ending == .cancelled)
        let pid = try #require(pid_t(box.text("pid")?.dropLast() ?? ""))
        #expect(try await eventually { !isAlive(pid) })
    }

    @Test func aCancelledTaskStartsNothing() async {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await box.shell("touch ran")
        }
        #expect(await task.value.ending == .cancelled)
        #expect(box.text("ran") == nil)
    }

    @Test func cancellationAtAnyMomentEndsTheCommand() async {
        await withTaskGroup(of: CommandResult.Ending.self) { group in
            for pause in 0..<60 {
                group.addTask {
                    let task = Task { await box.shell("sleep 300") }
                    usleep(UInt32(pause * 50))
                    task.cancel()
                    return await task.value.ending
                }
            }
            for await ending in group { #expect(ending == .cancelled) }
        }
    }

    /// In a process of its own: what other tests have open meanwhile is not counted.
    @Test func fiveHundredAtOnce() async {
        await #expect(processExitsWith: .success) {
            let box = try Sandbox()
            // The first one starts what is there for all; the clock's own descriptors may come later.
            #expect(await box.shell("exit 0").succeeded)
            let before = openDescriptors()
            await withTaskGroup(of: Bool.self) { group in
                for number in 0..<500 {
                    group.addTask { await box.shell("echo \(number); exit 0").outputText == "\(number)\n" }
                }
                for await isRight in group { #expect(isRight) }
            }
            #expect(try await eventually { openDescriptors() <= before + 10 }, "nothing of them stays open")
        }
    }

    @Test(arguments: [
        (Command("/nowhere/program"), "does not exist"),
        (Command("no-such-program-anywhere"), "in no folder of PATH"),
        (Command("/etc/passwd"), "may not be executed"),
        (
            Command("/bin/true", workingDirectory: "/nowhere/folder"),
            "working directory '/nowhere/folder' cannot be used"
        ),
        (Command("/bin/true", workingDirectory: "/etc/passwd"), "is not a folder"),
        (Command("/bin/true", [String(repeating: "x", count: 4 << 20)]), "larger than the system allows"),
        (Command("/bin/true", ["a\0b"]), "NUL byte"),
        (Command("/bin/true", environment: ["A": "a\0b"]), "NUL byte"),
        (Command("/bin/true", environment: ["A=B": "c"]), "cannot be the name of a variable"),
        (Command(""), "no program is named"),
    ])
    func whatCannotStartSaysWhy(_ command: Command, _ reason: String) async {
        guard case .notStarted(let text) = await ProcessRunner().run(command).ending else {
            Issue.record("it was started")
            return
        }
        #expect(text.contains(reason), "\(text)")
    }

    @Test func aScriptWithoutItsInterpreterSaysSo() async throws {
        try box.write("script", Array("#!/nowhere/sh\n".utf8))
        chmod("\(box.path)/script", 0o755)
        let result = await ProcessRunner().run(Command("\(box.path)/script"))
        guard case .notStarted(let text) = result.ending else { throw Failure("it was started") }
        #expect(text.contains("interpreter"))
    }

    @Test func relativeFoldersOfPathAreNotSearched() async throws {
        try box.write("tool", Array("#!/bin/sh\necho ran\n".utf8))
        chmod("\(box.path)/tool", 0o755)
        let command = Command("tool", environment: ["PATH": ".:"], workingDirectory: box.path)
        guard case .notStarted = await ProcessRunner().run(command).ending else { throw Failure("it was started") }
    }
}

/// Of this process, in kibibytes.
private func peakMemory() -> Int {
    var usage = rusage()
    getrusage(RUSAGE_SELF.rawValue, &usage)
    return usage.ru_maxrss
}

private func openDescriptors() -> Int { (0..<4000).count { fcntl($0, F_GETFD) >= 0 } }

extension TimeSpan {
    static func milliseconds(_ count: Int64) -> TimeSpan { TimeSpan(milliseconds: count) }
}
