import DriverKit
import Model
import Processes

/// Runs instances as containers of an engine that speaks the Docker Engine API: Docker or Podman, here or elsewhere.
package struct ContainerDriver: Driver {
    let engines: Engines
    let slots: Slots
    let book = ContainerBook()
    /// Nil where nothing is said of owners.
    let owner: Owner?
    private let environment: [String: String]

    /// Every act takes one of `slots`, so a caller must hold none of them. Of `baseEnvironment`
    /// `DOCKER_HOST` counts where a block names no engine, `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` where it names no
    /// `tls`, and what `ssh` needs. Containers of another `owner` are left alone.
    package init(
        runner: ProcessRunner, slots: Slots, baseEnvironment: [String: String], owner: Owner? = nil
    ) {
        self.owner = owner
        self.slots = slots
        environment = baseEnvironment
        engines = Engines(runner: runner, environment: baseEnvironment)
    }

    /// Everything of the block but how the image gets there and how long calls take, and the files.
    package func runs(block: Value, files: [SourceFile]) -> Value { ContainerRuns.value(block: block, files: files) }

    /// A container that does not stay up is not healthy, whatever else is asked.
    package func asksHealth(block: Value) -> Bool { true }

    /// Ends connections, and ssh where it leads to an engine.
    package func close() async { await engines.close() }

    /// The engine of a block, or why there is none.
    func engine(for block: Value) async throws(DriverFailure) -> Engine {
        await engines.engine(try access(for: block))
    }

    func access(for block: Value) throws(DriverFailure) -> EngineAccess {
        let named = block["engine"].string
        let text = named ?? environment["DOCKER_HOST"].flatMap { $0.isEmpty ? nil : $0 }
        var address = EngineAddress.standard
        if let text {
            guard let parsed = EngineAddress(text) else {
                let place = named == nil ? "DOCKER_HOST" : "`engine`"
                throw DriverFailure(
                    "\(place) is '\(VisibleText.line(text, limit: 100))': write unix:///PATH, tcp://HOST:PORT or "
                        + "ssh://USER@HOST")
            }
            address = parsed
        }
        guard case .tcp = address else {
            guard block["tls"] == .null else {
                throw DriverFailure("`tls` is for an engine at tcp://, and this one is at \(address): leave it out")
            }
            return EngineAccess(address: address, tls: nil)
        }
        if block["tls"] != .null {
            let tls = EngineAccess.TLS(
                ca: block["tls"]["ca"].string, cert: block["tls"]["cert"].string, key: block["tls"]["key"].string)
            return EngineAccess(address: address, tls: tls)
        }
        guard !(environment["DOCKER_TLS_VERIFY"] ?? "").isEmpty else {
            return EngineAccess(address: address, tls: nil)
        }
        let folder = environment["DOCKER_CERT_PATH"] ?? (environment["HOME"] ?? "") + "/.docker"
        return EngineAccess(
            address: address, tls: .init(ca: folder + "/ca.pem", cert: folder + "/cert.pem", key: folder + "/key.pem"))
    }

    /// How long one call may take.
    func timeout(_ block: Value) -> TimeSpan {
        block["timeout"].int.map { TimeSpan(milliseconds: Int64($0)) } ?? .seconds(60)
    }
}
