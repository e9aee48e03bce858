import Model
import Processes

/// nginx, by its configuration: our lines in an upstream are written, tested and loaded. What was written counts as seen only
/// once no worker of before takes requests any more.
struct NginxBalancer: Balancer {
    private let settings: NginxSettings
    private let runner: ProcessRunner

    /// How long nginx may take to put new workers in the place of the old ones.
    private static let patience = TimeSpan.seconds(10)

    init(_ settings: NginxSettings, runner: ProcessRunner) {
        self.settings = settings
        self.runner = runner
    }

    var name: String { "nginx, upstream \(settings.upstream) in \(VisibleText.line(settings.file, limit: 200))" }
    /// All files of an nginx are tested and loaded together, and which of them are one's cannot be told from here.
    func key() async -> String { "nginx" }
    var heaviest: Int { 1000 }
    var canMatch: Bool { settings.matchUpstream != nil }

    func matcher(_ match: Match?) -> String? { NginxLines.map(match, settings).joined(separator: "\n") }

    func observe() async throws(TrafficError) -> SeenServers {
        let text = try await MarkedFile(settings.file).read()
        var servers: [SeenServer] = []
        for (group, upstream) in settings.groups {
            guard let lines = text.section(upstream) else { throw missing(upstream) }
            servers += lines.compactMap { NginxLines.server($0, group) }
            servers += text.surroundings(upstream).compactMap { NginxLines.address(in: $0) }.map {
                SeenServer(name: $0, group: group, address: $0, weight: 0)
            }
        }
        let matcher = text.section(settings.mapSection)?.joined(separator: "\n")
        guard let workers = try await workers() else { return SeenServers(servers, matcher: matcher) }
        let isLoaded = workers.old == 0 && workers.new > 0
        return SeenServers(
            servers, isStale: isLoaded ? nil : "nginx has not loaded \(settings.file) since it was last written",
            matcher: matcher)
    }

    func apply(
        _ servers: [BalancedServer], leaving: [SeenServer], _ matching: Matching
    ) async throws(TrafficError) {
        let file = MarkedFile(settings.file)
        let text = try await file.read()
        var sections: [String: [String]] = [:]
        for (group, upstream) in settings.groups {
            // Those of another workload stay.
            let others = (text.section(upstream) ?? []).filter { line in
                guard let name = NginxLines.server(line, group)?.name else { return false }
                return !BalancedServer.concerns(name, group, servers, leaving)
            }
            let hasOthers =
                !others.isEmpty || text.surroundings(upstream).contains { NginxLines.address(in: $0) != nil }
            sections[upstream] =
                others
                + NginxLines.servers(servers.filter { $0.group == group }, settings, hasOthers: hasOthers)
        }
        if case .these(.cookie(let name, _)) = matching, name.contains("-") {
            throw TrafficError("nginx has no variable for a cookie whose name holds `-`: rename the cookie \(name)")
        }
        let hasMap = text.section(settings.mapSection) != nil
        if matching.match != nil || (hasMap && matching == .nobody) {
            sections[settings.mapSection] = NginxLines.map(matching.match, settings)
        }
        // The time of the file is compared with that of the workers: it must be that of this try, or of what is loaded.
        let whole = WholeFile(settings.file)
        let time = await whole.time()
        try await waitUntilOld()
        let former = try await file.write(sections)
        if former == nil { await whole.touch(nil) }
        do throws(TrafficError) { try await run(settings.test, "does not pass nginx's test") } catch {
            if let former { try await whole.write(former) }
            await whole.touch(time)
            throw error
        }
        try await run(settings.reload, "cannot be loaded")
        try await waitUntilLoaded()
    }

    func sessions(of leaving: [SeenServer]) async throws(TrafficError) -> Int? {
        guard let workers = try await workers() else { return nil }
        return workers.ending + workers.old
    }

    func remove(_ leaving: [SeenServer]) async throws(TrafficError) {}

    /// Nil where its processes cannot be seen from here.
    private func workers() async throws(TrafficError) -> NginxWorkers? {
        guard let pidFile = settings.pidFile else { return nil }
        return try await NginxWorkers.look(pidFile, since: settings.file)
    }

    /// A file that is written right after workers began would pass for loaded by them. Workers that never get old, because they
    /// crash, are not waited for.
    private func waitUntilOld() async throws(TrafficError) {
        for _ in 0..<10 {
            guard let age = try await workers()?.youngest, age <= 2 * NginxWorkers.resolution else { return }
            try? await Task.sleep(for: .milliseconds(NginxWorkers.resolution))
        }
    }

    private func waitUntilLoaded() async throws(TrafficError) {
        let deadline = Monotonic.now + NginxBalancer.patience.milliseconds
        while let workers = try await workers(), workers.old > 0 || workers.new == 0 {
            guard Monotonic.now < deadline, (try? await Task.sleep(for: .milliseconds(20))) != nil else {
                throw TrafficError(
                    "\(name): nginx did not load it within \(NginxBalancer.patience); its error log says why")
            }
        }
    }

    private func run(_ command: [String], _ what: String) async throws(TrafficError) {
        let result = await runner.run(
            Command(
                command[0], Array(command.dropFirst()),
                environment: ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"],
                timeout: .seconds(30), mergesErrors: true))
        guard !result.succeeded else { return }
        let said = Words.shown(String(decoding: result.output, as: UTF8.self))
        throw TrafficError(
            "\(name) \(what): \(command.joined(separator: " ")): \(said.isEmpty ? "\(result.ending)" : said)")
    }

    private func missing(_ section: String) -> TrafficError {
        TrafficError(
            "\(VisibleText.line(settings.file, limit: 200)) has no lines `\(MarkedText.begin(section))` and "
                + "`\(MarkedText.end(section))`: write them where our lines shall stand")
    }
}
