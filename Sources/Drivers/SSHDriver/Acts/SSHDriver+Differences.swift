import DriverKit
import FoundationEssentials
import Model
import Processes

extension SSHDriver {
    /// What acts on these instances would change, with the lines of files: for that a host is asked twice.
    package func differences(_ targets: [InstanceTarget]) async -> [FileDifference] {
        await load(targets)
        var places: [HostAccess: [Int]] = [:]
        for (index, target) in targets.enumerated() {
            if let access = try? HostAccess(target) { places[access, default: []].append(index) }
        }
        var found: [Int: [FileDifference]] = [:]
        await withTaskGroup(of: [Int: [FileDifference]].self) { group in
            for (access, indexes) in places {
                group.addTask {
                    // What cannot be seen was said when it was observed.
                    (try? await differences(indexes.map { ($0, targets[$0]) }, on: access)) ?? [:]
                }
            }
            for await part in group { found.merge(part) { first, _ in first } }
        }
        return targets.indices.flatMap { found[$0] ?? [] }
    }

    private func differences(
        _ targets: [(Int, InstanceTarget)], on access: HostAccess
    ) async throws(DriverFailure) -> [Int: [FileDifference]] {
        var looks: [(index: Int, look: Look)] = []
        var questions = Questions()
        for (index, target) in targets {
            guard let look = try? look(at: target) else { continue }
            look.ask(&questions)
            looks.append((index, look))
        }
        guard !looks.isEmpty else { return [:] }
        let facts = try await facts(questions, on: access, hiding: looks.flatMap(\.look.secrets))
        var paths: [String] = []
        for (_, look) in looks {
            let all = look.wanted.allFiles
            for index in Judgement(look.wanted, facts, look.target.id).files.keys.sorted() {
                let path = all[index].path
                if facts.files[path]?.isFile == true, !paths.contains(path) { paths.append(path) }
            }
        }
        let contents = try await contents(paths, on: access)
        var found: [Int: [FileDifference]] = [:]
        for (index, look) in looks {
            let target = look.target
            found[index] = await OwnThread.run { [self] in
                guard let wanted = try? self.wanted(target) else { return [] }
                let name = InstanceTargetName(id: target.id, place: access.name)
                return DifferenceList(
                    name, wanted, before: look.before, isBeforeUnread: look.isBeforeUnread, facts, contents
                ).all
            }
        }
        return found
    }

    /// What files on a host hold, as far as anybody would read.
    private func contents(_ paths: [String], on access: HostAccess) async throws(DriverFailure) -> [String: [UInt8]] {
        guard !paths.isEmpty else { return [:] }
        var code = ShellCode()
        for (index, path) in paths.enumerated() {
            code.line(
                """
                printf '%s d %s\\n' "$b" \(index); head -c \(DifferenceList.limit + 1) -- \(path) | base64
                """)
        }
        let connection = await connections.connection(access)
        let answer = try await connection.ask(Connection.Request(script: code, timeout: Self.patience))
        var texts: [String: String] = [:]
        var path: String?
        for line in answer.lines {
            switch line {
            case .said(_, let rest):
                path = Int(String(decoding: rest, as: UTF8.self)).flatMap {
                    paths.indices.contains($0) ? paths[$0] : nil
                }
                if let path { texts[path] = "" }
            case .raw(let bytes):
                if let path { texts[path]?.append(String(decoding: bytes, as: UTF8.self)) }
            }
        }
        return texts.compactMapValues { Data(base64Encoded: $0).map { Array($0) } }
    }
}
