import DriverKit
import Model
import Processes

/// What ssh's own configuration says of the way to a host: which others are in between. ssh itself is asked, once for each
/// host, and only where a configuration says such a thing of any host.
actor SSHConfiguration {
    /// The way to a host.
    struct Way: Sendable {
        /// The hosts in between, the first that is reached first.
        var jumps: [SSHHop] = []
        /// What lists of host keys may call them besides what the inventory does.
        var names: Set<String> = []
    }

    private struct Answer: Sendable {
        var jumps: [SSHHop]
        var names: Set<String>
    }

    private struct Reading {
        var files: SSHConfigurationFiles
        var at: Int64
        var answers: [[String]: Task<Answer?, Never>] = [:]
    }

    private let runner: ProcessRunner
    private let environment: [String: String]
    private var readings: [String: Reading] = [:]

    /// How long what was read counts, in milliseconds: many hosts are reached at once.
    private static let age: Int64 = 5_000
    private static let longest = 8

    /// Of `environment` ssh gets what it needs.
    init(runner: ProcessRunner, environment: [String: String]) {
        self.runner = runner
        self.environment = environment
    }

    /// The way to a host. What its inventory says comes first. Throws where ssh does not say it: by a way of its own the keys of
    /// hosts in between would be checked against another list than ours.
    func way(to access: HostAccess) async throws(DriverFailure) -> Way {
        var way = Way(jumps: access.jumps)
        let words = await keywords(access.config)
        guard words.contains("proxyjump") || (!way.jumps.isEmpty && words.contains("hostname")) else { return way }
        if way.jumps.isEmpty {
            way.jumps = try await answer(access.hop, access).jumps
        }
        // The first one may be reached by others itself.
        while let first = way.jumps.first, way.jumps.count < Self.longest {
            let before = try await answer(first, access).jumps
            if before.isEmpty { break }
            way.jumps = before + way.jumps
        }
        for jump in way.jumps { way.names.formUnion(try await answer(jump, access).names) }
        return way
    }

    /// The keywords of a configuration; what was answered before is forgotten where its files are others now.
    private func keywords(_ config: String?) async -> Set<String> {
        let key = config ?? ""
        if let reading = readings[key], Monotonic.now - reading.at < Self.age { return reading.files.keywords }
        let files = await OwnThread.run { SSHConfigurationFiles(config) }
        if readings[key]?.files == files {
            readings[key]?.at = Monotonic.now
        } else {
            readings[key] = Reading(files: files, at: Monotonic.now)
        }
        return files.keywords
    }

    private func answer(_ host: SSHHop, _ access: HostAccess) async throws(DriverFailure) -> Answer {
        guard let answer = await asked(host, access) else {
            throw DriverFailure(
                "`ssh -G` does not say the way to \(VisibleText.line(host.host, limit: 120)), on which \(access.name) is reached: "
                    + "correct ssh's configuration")
        }
        return answer
    }

    private func asked(_ host: SSHHop, _ access: HostAccess) async -> Answer? {
        let key = access.config ?? ""
        var arguments = ["-G"]
        if let config = access.config { arguments += ["-F", config] }
        arguments += host.arguments
        if let task = readings[key]?.answers[arguments] { return await task.value }
        let command = Command(
            "ssh", arguments, environment: SSHCommand.variables(environment), timeout: .seconds(10))
        let task = Task { [runner] () -> Answer? in
            let result = await runner.run(command)
            guard case .exited(0) = result.ending else { return nil }
            return Self.read(result.output, host)
        }
        readings[key]?.answers[arguments] = task
        let answer = await task.value
        // A failure says nothing of the way.
        if answer == nil, readings[key]?.answers[arguments] == task { readings[key]?.answers[arguments] = nil }
        return answer
    }

    private static func read(_ output: [UInt8], _ host: SSHHop) -> Answer? {
        var answer = Answer(jumps: [], names: [host.host])
        for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard words.count == 2 else { continue }
            switch words[0] {
            case "hostname", "hostkeyalias": answer.names.insert(words[1])
            case "proxyjump" where words[1] != "none":
                guard let way = SSHHop.way(words[1].replacing("ssh://", with: "")) else { return nil }
                answer.jumps = way
            default: break
            }
        }
        return answer
    }
}
