import DriverKit
import Model
import Processes

extension SSHDriver {
    /// How long a host may take to say what is there, whatever its acts may take.
    static let patience = TimeSpan.seconds(60)

    /// Asks every host once about all instances that are on it.
    package func observe(_ targets: [InstanceTarget]) async -> [Observation] {
        await load(targets)
        var answers = [Observation](repeating: .unknown("it was not asked"), count: targets.count)
        var places: [HostAccess: [Int]] = [:]
        var order: [HostAccess] = []
        for (index, target) in targets.enumerated() {
            do throws(DriverFailure) {
                let access = try HostAccess(target)
                if places[access] == nil { order.append(access) }
                places[access, default: []].append(index)
            } catch {
                answers[index] = .unknown(error.reason)
            }
        }
        await withTaskGroup(of: [(Int, Observation)].self) { group in
            for access in order {
                let group_ = places[access] ?? []
                group.addTask { await observe(group_.map { ($0, targets[$0]) }, on: access) }
            }
            for await seen in group { for (index, observation) in seen { answers[index] = observation } }
        }
        return answers
    }

    private func observe(_ targets: [(Int, InstanceTarget)], on access: HostAccess) async -> [(Int, Observation)] {
        var answers: [(Int, Observation)] = []
        var looks: [(index: Int, look: Look)] = []
        var questions = Questions()
        for (index, target) in targets {
            do throws(DriverFailure) {
                let look = try look(at: target)
                look.ask(&questions)
                looks.append((index, look))
            } catch {
                answers.append((index, .unknown(error.reason)))
            }
        }
        guard !looks.isEmpty else { return answers }
        do throws(DriverFailure) {
            let facts = try await facts(questions, on: access, hiding: looks.flatMap(\.look.secrets))
            for (index, look) in looks {
                answers.append((index, judge(look, facts, questions)))
            }
        } catch {
            for (index, _) in looks { answers.append((index, .unknown(error.reason))) }
        }
        return answers
    }

    /// Asks a host, and reads its answer without these secrets.
    func facts(
        _ questions: Questions, on access: HostAccess, hiding secrets: [Secret]
    ) async throws(DriverFailure) -> Facts {
        let code: ShellCode
        do throws(SecretError) { code = try ObserveScript.code(questions) } catch {
            throw DriverFailure(error.description)
        }
        let connection = await connections.connection(access)
        let answer = try await connection.ask(
            Connection.Request(script: code, isKept: true, timeout: Self.patience))
        return FactsReader.facts(answer.lines, remarks: answer.remarks, to: questions, hiding: secrets)
    }

    /// What a target is compared with: what is wanted, and what may be there instead.
    struct Look {
        var target: InstanceTarget
        var wanted: Wanted
        var before: Wanted?
        /// What nobody shall see of what the host says.
        var secrets: [Secret]
        /// Whether the version before cannot be read any more.
        var isBeforeUnread = false

        func ask(_ questions: inout Questions) {
            questions.add(wanted, target.id)
            if let before { questions.add(before, target.id) }
        }
    }

    func look(at target: InstanceTarget) throws(DriverFailure) -> Look {
        let wanted = try wanted(target)
        var secrets = wanted.secrets
        var before = memory.outline(target.id)
        var isUnread = false
        if let recorded = target.before {
            // What cannot be read any more cannot be compared with.
            if let read = try? WantedReader(target, store: store, before: recorded).read() {
                before = read.outline
                secrets += read.secrets
            } else {
                isUnread = true
            }
        }
        if before?.digest == wanted.digest { before = nil }
        return Look(
            target: target, wanted: wanted.outline, before: before, secrets: secrets, isBeforeUnread: isUnread)
    }

    /// What the facts say of an instance; they are kept for the act that may follow.
    func judge(_ look: Look, _ facts: Facts, _ questions: Questions) -> Observation {
        let id = look.target.id
        memory.keep(facts, to: questions, of: id, at: WallClock.now())
        let judgement = Judgement(look.wanted, facts, id)
        if let unknown = judgement.unknown { return .unknown(unknown) }
        if judgement.isInPlace, judgement.isAnyThere {
            if let before = look.before, before.without(look.wanted).isLeft(in: facts) {
                return .running("what the version before had is left over")
            }
            return .running(look.wanted.digest)
        }
        if let before = look.before {
            let other = Judgement(before, facts, id)
            if other.unknown == nil, other.isInPlace, other.isAnyThere { return .running(before.digest) }
            if !judgement.isAnyThere, other.isAnyThere { return .running("of the version before: \(other.text)") }
        }
        return judgement.isAnyThere ? .running(VisibleText.line(judgement.text, limit: 200)) : .absent
    }
}
