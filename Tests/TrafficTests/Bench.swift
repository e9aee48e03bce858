import Model
import Processes
import TestSupport
import Traffic

/// What the tests of balancers share.
enum Bench {
    static let header: Value = .map(["header": .map(["name": .string("X-Group"), "value": .string("beta.1")])])
    static let cookie: Value = .map(["cookie": .map(["name": .string("group"), "value": .string("beta.1")])])

    /// An example of the page about traffic, with `PORT` and `FOLDER` where it names ports and folders.
    static func example(_ language: String, _ number: Int = 0) throws -> String {
        let page = try TestFile.read(Project.path("docs/traffic.md"))
        let parts = page.components(between: "```\(language)\n", and: "```")
        guard parts.indices.contains(number) else { throw TestSupportError("no such example") }
        return parts[number].replacing("127.0.0.1:8080", with: "127.0.0.1:PORT")
            .replacing("/var/lib/haproxy/", with: "FOLDER/").replacing("127.0.0.1:2019", with: "unix/FOLDER/caddy.sock")
    }

    static func router() -> Router { Router(Balancers(runner: ProcessRunner())) }

    static func member(_ index: Int) -> Routing.Member {
        Routing.Member(instance: "web-\(index)", index: index, deployable: Digest(of: .int(index)))
    }

    static func whole(
        old: ClosedRange<Int>?, _ oldWeight: Int, new: ClosedRange<Int>?, _ newWeight: Int, traffic: Value = .null,
        drain: TimeSpan = .seconds(20)
    ) -> Routing {
        Routing(
            traffic: traffic,
            sides: [
                Routing.Side(.old, (old.map(Array.init) ?? []).map(member), weight: oldWeight),
                Routing.Side(.new, (new.map(Array.init) ?? []).map(member), weight: newWeight),
            ], isWhole: true, drain: drain)
    }

    static func patch(
        _ named: ClosedRange<Int>, _ weight: Int, traffic: Value = .null, drain: TimeSpan = .seconds(20)
    ) -> Routing {
        Routing(
            traffic: traffic, sides: [Routing.Side(.new, named.map(member), weight: weight)], isWhole: false,
            drain: drain)
    }

    /// Servers `web-1` to `web-COUNT`, each answering with its name.
    static func servers(_ count: Int) throws -> [NamedServer] { try (1...count).map { try NamedServer("web-\($0)") } }

    static func addresses(_ servers: [NamedServer]) -> [String: String] {
        Dictionary(uniqueKeysWithValues: servers.map { ($0.name, $0.address) })
    }

    /// What a part of 10,000 requests went where.
    static func share(_ names: Set<String>, _ tally: Load.Tally) -> Double {
        Double(tally.answers.filter { names.contains($0.key) }.values.reduce(0, +)) / Double(max(1, tally.total))
    }
}

extension String {
    /// The texts that stand between two marks.
    fileprivate func components(between begin: String, and end: String) -> [String] {
        split(separator: begin).dropFirst().compactMap { $0.split(separator: end).first.map(String.init) }
    }
}
