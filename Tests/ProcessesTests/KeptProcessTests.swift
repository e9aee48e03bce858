import Glibc
import Model
import Processes
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct KeptProcessTests {
    let box: Sandbox

    init() throws { box = try Sandbox() }

    private func keep(
        _ script: String, limit: Int = 1 << 20, runner: ProcessRunner = ProcessRunner()
    ) async throws -> KeptProcess {
        try await runner.keep(
            Command(
                "/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"], workingDirectory: box.path,
                outputLimit: limit))
    }

    private func line(_ process: KeptProcess) async throws -> String {
        guard case .line(let bytes)? = await process.next() else { throw Failure("it said no line") }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func ending(_ process: KeptProcess) async -> CommandResult.Ending? {
        while let event = await process.next() {
            if case .ended(let ending) = event { return ending }
        }
        return nil
    }

    @Test func itAnswersAgainAndAgainAndEndsWithItsInput() async throws {
        let process = try await keep("while read -r word; do echo \"got $word\"; done; echo bye; exit 3")
        for number in 1...500 {
            process.write(Array("\(number)\n".utf8))
            #expect(try await line(process) == "got \(number)")
        }
        process.endInput()
        #expect(try await line(process) == "bye")
        #expect(await ending(process) == .exited(3))
        #expect(await process.next() == nil, "nothing comes after the end")
        process.write([10])
    }

    @Test func linesComeWholeHoweverTheyWereWritten() async throws {
        let process = try await keep("printf 'a'; sleep 0.1; printf 'b\\n\\nlong'; sleep 0.1; printf ' one\\nrest'")
        #expect(try await line(process) == "ab")
        #expect(try await line(process) == "")
        #expect(try await line(process) == "long one")
        #expect(await ending(process) == .exited(0), "what has no line break is no line")
    }

    @Test func whatItSaidOfItselfFirstIsHeardFirst() async throws {
        let process = try await keep("while read -r word; do echo \"of $word\" >&2; echo \"$word\"; done")
        for number in 1...300 {
            process.write(Array("\(number)\n".utf8))
            guard case .remark(let bytes, _)? = await process.next() else { throw Failure("the line came first") }
            #expect(String(decoding: bytes, as: UTF8.self) == "of \(number)")
            #expect(try await line(process) == "\(number)")
        }
    }

    @Test func muchInputReachesASlowReader() async throws {
        let process = try await keep("sleep 0.2; exec cat")
        let word = [UInt8](repeating: 97, count: 99_999) + [10]
        for _ in 1...20 { process.write(word) }
        for _ in 1...20 { #expect(try await line(process).utf8.count == 99_999) }
        process.endInput()
        #expect(await ending(process) == .exited(0))
    }

    @Test func whatItSaysOfItselfIsCut() async throws {
        let process = try await keep(
            "head -c 10000 /dev/zero | tr '\\0' x >&2; echo >&2; echo short >&2; printf last >&2")
        var kept: [Int] = []
        var lengths: [Int] = []
        while let event = await process.next() {
            guard case .remark(let bytes, let length) = event else { continue }
            kept.append(bytes.count)
            lengths.append(length)
        }
        #expect(kept == [4096, 5, 4] && lengths == [10_000, 5, 4])
    }

    @Test func aLineWithoutEndIsCutOffAndItsWriterKilled() async throws {
        let process = try await keep("head -c 1073741824 /dev/zero; sleep 300", limit: 65_536)
        guard case .lineTooLong? = await process.next() else { throw Failure("the line was not cut off") }
        #expect(await ending(process) == .cancelled)
    }

    @Test func aFloodWaitsForItsReader() async throws {
        let process = try await keep(
            "p=$(printf %0500d 0); i=0; while :; do i=$((i+1)); echo $i > at; echo $i $p; echo $i $p >&2; done")
        // It comes to a halt where nobody takes what it says: the number it is at stays the same.
        var before = ""
        #expect(
            try await eventually {
                usleep(300_000)
                let now = box.text("at") ?? ""
                defer { before = now }
                return !now.isEmpty && now == before
            })
        let reached = try #require(Int(before.dropLast()))
        var next = 1
        while next < reached + 1000 {
            guard case .line(let bytes)? = await process.next() else { continue }
            #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("\(next) "), "none is lost")
            next += 1
        }
        process.kill()
        #expect(await ending(process) == .cancelled)
    }

    @Test func itsWholeGroupDiesWithItAndItsDaemonsWhenTold() async throws {
        let process = try await keep(
            "sleep 300 & echo $! > child; setsid sleep 300 & echo $! > daemon; read -r word; exit 0")
        #expect(try await eventually { box.text("daemon")?.hasSuffix("\n") == true })
        let child = try #require(pid_t(box.text("child")?.dropLast() ?? ""))
        let daemon = try #require(pid_t(box.text("daemon")?.dropLast() ?? ""))
        process.endInput()
        #expect(await ending(process) == .exited(0))
        #expect(try await eventually { !isAlive(child) })
        #expect(isAlive(daemon))
        await process.endDescendants()
        #expect(!isAlive(daemon))
    }

    @Test func itDiesWithTheLastReference() async throws {
        let pid = try await {
            let process = try await keep("echo $$; sleep 300")
            let said = try await line(process)
            let pid = try #require(pid_t(said))
            #expect(isAlive(pid))
            return pid
        }()
        #expect(try await eventually { !isAlive(pid) })
    }

    @Test func whoeverNoLongerWaitsGetsNothing() async throws {
        let process = try await keep("sleep 300")
        let waiting = Task { await process.next() == nil }
        waiting.cancel()
        #expect(await waiting.value)
    }

    @Test func itCarriesTheRunAndNothingOfOurs() async throws {
        let process = try await keep("env; ls /proc/$$/fd", runner: ProcessRunner(runID: "kept-7"))
        var lines: [String] = []
        while case .line(let bytes)? = await process.next() { lines.append(String(decoding: bytes, as: UTF8.self)) }
        #expect(lines.contains("RECONCILE_RUN=kept-7"))
        #expect(!lines.contains { $0.hasPrefix("HOME=") })
        #expect(Set(lines.filter { Int($0) != nil }).isSubset(of: ["0", "1", "2", "10"]))
    }

    @Test func whatCannotStartSaysWhy() async throws {
        await #expect(throws: NotStarted.self) {
            _ = try await ProcessRunner().keep(Command("/nowhere/at-all"))
        }
    }
}
