import DriverKit
import Model

/// What a plugin must pass besides: how it keeps to the protocol, asked of processes of its own.
struct PluginConformance {
    let driver: PluginDriver
    let sample: ConformanceSample

    init(_ driver: PluginDriver, _ sample: ConformanceSample) {
        self.driver = driver
        self.sample = sample
    }

    private static let later: [String: Value] = ["later": .map(["number": .int(1), "list": .list([.string("x y")])])]

    var checks: [Conformance.Check] {
        [
            .init(name: "hello", text: "it says hello in time, by its name") {
                do throws(PluginFailure) { _ = try await driver.hello() } catch { throw Trial.Failure(error.reason) }
            },
            .init(name: "other-version", text: "it claims no version that only we speak") {
                try await probe { probe in
                    if let hello = try await probe.greet([1000]), hello.version == 1000 {
                        throw Trial.Failure("offered version 1000 of the protocol, it claims to speak it")
                    }
                }
            },
            .init(name: "unknown-keys", text: "it passes over keys and messages that it does not know") {
                try await probe { probe in
                    let hello = try await greet(probe, more: Self.later)
                    probe.tell(.map(Self.later), hello)
                    if hello.capabilities.contains(.cancel) { probe.tell(.map(["cancel": .int(99)]), hello) }
                    let reply = await probe.ask("observe", sample.target(sample.first), id: 1, more: Self.later, hello)
                    guard reply == .result else {
                        throw Trial.Failure("asked with keys of a later version: \(reply.shown)")
                    }
                }
            },
            .init(name: "unknown-request", text: "it answers a request that it does not know with an error") {
                try await probe { probe in
                    let hello = try await greet(probe)
                    let target = sample.target(sample.first)
                    let reply = await probe.ask("juggle", target, id: 1, hello)
                    guard reply == .error else { throw Trial.Failure("asked to juggle: \(reply.shown)") }
                    let next = await probe.ask("observe", target, id: 2, hello)
                    guard next == .result else { throw Trial.Failure("asked to observe afterwards: \(next.shown)") }
                }
            },
            .init(name: "ends", text: "it ends by itself when its input ends") {
                let probe = try await driver.probe()
                do {
                    _ = try await greet(probe)
                } catch {
                    _ = await probe.end()
                    throw error
                }
                guard await probe.end() else {
                    throw Trial.Failure("it went on for five seconds after its input had ended")
                }
            },
        ]
    }

    /// The check for the end: whether it lived through everything. One that cannot cancel was killed for that, twice.
    var kept: Conformance.Check {
        .init(name: "kept", text: "one process served the whole suite") {
            let starts = await driver.starts()
            let kills = try await driver.hello().capabilities.contains(.cancel) ? 0 : 2
            guard starts <= 1 + kills else { throw Trial.Failure("it had to be started \(starts) times") }
        }
    }

    private func greet(_ probe: PluginProbe, more: [String: Value] = [:]) async throws -> PluginHello {
        guard let hello = try await probe.greet([1], more: more) else { throw Trial.Failure("it said no hello") }
        return hello
    }

    private func probe(_ body: (PluginProbe) async throws -> Void) async throws {
        let probe = try await driver.probe()
        do {
            try await body(probe)
        } catch {
            _ = await probe.end()
            throw error
        }
        _ = await probe.end()
    }
}

extension PluginProbe.Reply {
    /// For people.
    fileprivate var shown: String {
        switch self {
        case .result: "it gave a result"
        case .error: "it gave an error"
        case .nothing(let reason): reason
        }
    }
}
