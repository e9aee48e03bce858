import DriverKit
import Model
import Processes

extension SSHDriver {
    /// Sends what differs, in one script, which also says what is there afterwards.
    package func apply(_ target: InstanceTarget) async -> ActReport {
        await slots.with { await act(target, purpose: "apply") }
    }

    /// Takes away what is listed and was made.
    package func remove(_ target: InstanceTarget) async -> ActReport {
        await slots.with { await act(target, purpose: "remove") }
    }

    private func act(_ target: InstanceTarget, purpose: String) async -> ActReport {
        guard !Task.isCancelled else { return ActReport(failure: "cancelled", commands: []) }
        do throws(DriverFailure) {
            return try await carryOut(target, isApply: purpose == "apply", purpose)
        } catch {
            memory.forget(target.id)
            return ActReport(failure: error.reason, commands: [])
        }
    }

    private func carryOut(
        _ target: InstanceTarget, isApply: Bool, _ purpose: String
    ) async throws(DriverFailure) -> ActReport {
        let access = try HostAccess(target)
        await load([target])
        let look = try look(at: target)
        var questions = Questions()
        look.ask(&questions)
        var facts = memory.takeFacts(target.id, to: questions, now: WallClock.now())
        // Somebody saw that something has to be done: where nothing has, that was later.
        if let seen = facts, !isApply || Judgement(look.wanted, seen, target.id).isInPlace { facts = nil }
        let connection = await connections.connection(access)
        if !(await connection.knowsTurn) { facts = nil }
        if facts == nil { facts = try await self.facts(questions, on: access, hiding: look.secrets) }
        guard let facts else { throw DriverFailure("\(access.name) said nothing") }
        let judgement = Judgement(look.wanted, facts, target.id)
        if let unknown = judgement.unknown { throw DriverFailure(unknown) }
        let script = try await script(target, look, facts, judgement, isApply: isApply)
        let observation: ShellCode
        do throws(SecretError) { observation = try ObserveScript.code(questions) } catch {
            throw DriverFailure(error.description)
        }
        target.tell("sending to \(access.name)")
        // Where it is cut off, something of it may be there.
        if isApply { memory.keep(look.wanted, of: target.id) }
        let answer = try await connection.ask(
            Connection.Request(
                script: script.act.whole(observation), payloads: script.act.payloads, isAct: true,
                timeout: look.wanted.timeout))
        let reader = ActReader(
            answer, done: script.act.done, purpose: purpose, redactor: Redactor(script.secrets))
        guard reader.failure == nil else {
            return ActReport(failure: reader.failure, commands: reader.commands)
        }
        let seen = FactsReader.facts(reader.observation, remarks: answer.remarks, to: questions, hiding: look.secrets)
        return ActReport(
            failure: nil, commands: reader.commands, observed: settle(look, seen, questions, isApply: isApply))
    }

    /// What is there after an act.
    private func settle(_ look: Look, _ facts: Facts, _ questions: Questions, isApply: Bool) -> Observation {
        let id = look.target.id
        guard isApply else {
            memory.keep(nil, of: id)
            // Packages and folders may be others' too: they stay, and are not taken for the instance.
            var wanted = look.wanted
            // What cannot be taken away is nothing that is left.
            wanted.commands.removeAll { $0.remove == nil }
            let isLeft = wanted.isLeft(in: facts)
            let judged = judge(Look(target: look.target, wanted: wanted, before: nil, secrets: []), facts, questions)
            if case .running = judged, !isLeft, !wanted.hasOwn { return .absent }
            return judged
        }
        memory.keep(look.wanted, of: id)
        return judge(look, facts, questions)
    }

    private func script(
        _ target: InstanceTarget, _ look: Look, _ facts: Facts, _ judgement: Judgement, isApply: Bool
    ) async throws(DriverFailure) -> (act: ActScript, secrets: [Secret]) {
        // Files are read here.
        let result = await OwnThread.run { () -> Result<(ActScript, [Secret]), DriverFailure> in
            do throws(DriverFailure) {
                let wanted = try wanted(target)
                let act =
                    isApply
                    ? try Bringing.apply(wanted, before: look.before, facts, judgement, target.id)
                    : try Bringing.remove(wanted, facts, target.id)
                return .success((act, wanted.secrets))
            } catch {
                return .failure(error)
            }
        }
        let (act, secrets) = try result.get()
        return (act, secrets)
    }
}
