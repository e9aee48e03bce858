import DriverKit
import Model
import Processes

/// Lines of the manifest that are only run: `health` and `traffic`.
extension SSHDriver {
    /// Runs `health` on the host, where there is one.
    package func health(_ target: InstanceTarget) async -> HealthReport? {
        guard let text = Text(target.deployable.block["health"]) else { return nil }
        do throws(DriverFailure) {
            let report = try await run(text, "health", target)
            let verdict = report.failure.map { Verdict.fail($0) } ?? .pass
            return HealthReport(verdict: verdict, commands: Array(report.commands.dropFirst()))
        } catch {
            return HealthReport(verdict: .inconclusive(error.reason), commands: [])
        }
    }

    /// Runs every instance's `traffic` on its host; nil where one has none.
    package func route(_ targets: [InstanceTarget]) async -> ActReport? {
        guard targets.allSatisfy({ Text($0.deployable.block["traffic"]) != nil }) else { return nil }
        return await ActReport.joining(targets, together: slots.limit) { target in
            await slots.with { await route(target) }
        }
    }

    private func route(_ target: InstanceTarget) async -> ActReport {
        guard let text = Text(target.deployable.block["traffic"]) else {
            return ActReport(failure: "the manifest has no ssh.traffic", commands: [])
        }
        do throws(DriverFailure) {
            let report = try await run(text, "traffic", target)
            let failure = report.failure.map { "\(target.instance): \($0)" }
            return ActReport(failure: failure, commands: Array(report.commands.dropFirst()))
        } catch {
            return ActReport(failure: error.reason, commands: [])
        }
    }

    private func run(_ text: Text, _ purpose: String, _ target: InstanceTarget) async throws(DriverFailure) -> ActReader
    {
        let access = try HostAccess(target)
        let (code, secrets) = try WantedReader(target, store: store).line(text, purpose)
        let connection = await connections.connection(access)
        let answer = try await connection.ask(
            Connection.Request(script: code, isAct: purpose == "traffic", timeout: Self.patience))
        return ActReader(answer, done: [], purpose: purpose, redactor: Redactor(secrets))
    }
}

extension WantedReader {
    /// The script that runs one line, and what must not be shown of its answer.
    fileprivate func line(_ text: Text, _ purpose: String) throws(DriverFailure) -> (code: ShellCode, secrets: [Secret])
    {
        var environment = variables
        environment["RECONCILE_DIGEST"] = .plain(deployable.digest.hex)
        environment["RECONCILE_COMMIT"] = .plain(target.commit)
        environment["RECONCILE_WEIGHT"] = .plain(String(target.weight))
        do throws(SecretError) {
            var secrets: [Secret] = []
            for value in [text] + variables.values {
                if case .secret(let reference) = value { secrets.append(try SecretReader.read(reference)) }
            }
            let run = try CommandScript.code(text, environment: environment, timeout: 30)
            return (
                """
                o=$({ \(code: run); } 2>&1); r=$?
                printf '%s > %s %s\\n%.4096s\\n%s <\\n%s ok\\n' "$b" "$r" \(purpose) "$o" "$b" "$b"
                """, secrets
            )
        } catch {
            throw DriverFailure(error.description)
        }
    }
}
