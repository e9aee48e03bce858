import DriverKit
import Model
import Processes

extension ContainerDriver {
    /// Creates and starts; what else of ours stands in the instance's place goes first.
    package func apply(_ target: InstanceTarget) async -> ActReport {
        await act(target) { engine, log in
            try await put(target, on: engine, &log)
            return nil
        }
    }

    private func put(_ target: InstanceTarget, on engine: Engine, _ log: inout ActLog) async throws {
        let block = target.deployable.block
        let timeout = timeout(block)
        let name = target.containerName
        guard let written = ImageReference(block["image"].string ?? "") else {
            throw DriverFailure("`image` is no name of an image")
        }
        let image = PinnedImage(written, pin: target.deployable.pin)
        let spec = ContainerSpec(block: block, target: target, image: image.text, owner: owner?.name)
        let body = try spec.body()
        var hasPulled = false
        for attempt in 1...6 {
            do throws(EngineError) {
                let (id, warnings) = try await log.note("create") { () async throws(EngineError) in
                    try await engine.create(name, body, timeout: timeout)
                }
                log.warn(warnings)
                try await start(id, target, spec, engine, &log)
                return
            } catch {
                if error.isMissingImage, !hasPulled {
                    hasPulled = true
                    try await pull(image, target, engine, &log)
                } else if error.isTakenName {
                    if try await makeRoom(target, engine, &log) { return }
                    // The name of a container that is just being made or taken away by an earlier call of ours.
                    if attempt > 1 { try await Task.sleep(for: .milliseconds(200 * attempt)) }
                } else if error.isTakenPort, attempt < 6, !block["ports"].list.contains(where: { $0["host"] != .null })
                {
                    // The engine chose the port, and does not know what others have: it takes another next time.
                    continue
                } else {
                    throw error
                }
            }
        }
        throw DriverFailure("the container name \(name) stays taken at \(engine.name)")
    }

    /// A container that cannot be started goes again, so that nothing is left over.
    private func start(
        _ id: String, _ target: InstanceTarget, _ spec: ContainerSpec, _ engine: Engine, _ log: inout ActLog
    ) async throws(EngineError) {
        let timeout = timeout(target.deployable.block)
        let name = target.containerName
        do throws(EngineError) {
            for network in spec.otherNetworks {
                try await log.note("connect") { () async throws(EngineError) in
                    try await engine.connect(id, to: network, spec.endpoint(for: id), timeout: timeout)
                }
            }
            try await log.note("start") { () async throws(EngineError) in
                try await engine.start(id, named: name, timeout: timeout)
            }
        } catch {
            if error.status != nil {
                book.leave(id, until: Monotonic.now + 60_000)
                try? await engine.remove(id, named: name, timeout: timeout)
            }
            throw error
        }
    }

    /// Takes away what of ours has the name. True where it is what is wanted, and runs, and was not asked by us to end: an act
    /// that was cut short leaves the engine at it.
    private func makeRoom(_ target: InstanceTarget, _ engine: Engine, _ log: inout ActLog) async throws -> Bool {
        let timeout = timeout(target.deployable.block)
        let ours = try await engine.list(ContainerLabels.finding(target), timeout: timeout)
        if let refusal = refusal(of: ours, at: engine) { throw DriverFailure(refusal) }
        if ours.isEmpty {
            let name = target.containerName
            guard let other = try await engine.inspect(container: name, timeout: timeout) else { return false }
            if ContainerLabels.finding(target).allSatisfy({ other.label($0.key) == $0.value }) { return false }
            throw DriverFailure(
                "a container named \(name) is at \(engine.name) already and is not ours: rename or remove it")
        }
        if ours.count == 1, ours[0].State == "running", !book.isLeaving(ours[0].Id),
            ours[0].label(ContainerLabels.digest) == target.deployable.digest.hex
        {
            return true
        }
        for container in ours {
            try await take(container.Id, isPaused: container.State == "paused", target, engine, &log)
        }
        return false
    }

    /// Stops a container of ours with its grace, and removes it.
    func take(
        _ id: String, isPaused: Bool, _ target: InstanceTarget, _ engine: Engine, _ log: inout ActLog
    ) async throws(EngineError) {
        let timeout = timeout(target.deployable.block)
        let name = target.containerName
        let grace = target.deployable.block["stop_grace"].int.map { TimeSpan(milliseconds: Int64($0)) } ?? .seconds(10)
        book.leave(id, until: Monotonic.now + timeout.milliseconds * 2 + grace.milliseconds)
        if isPaused { try await engine.unpause(id, named: name, timeout: timeout) }
        let isThere = try await log.note("stop") { () async throws(EngineError) in
            do throws(EngineError) {
                return try await engine.stop(id, named: name, grace: grace, timeout: timeout)
            } catch {
                // One that cannot be stopped (paused, dead, being made) is removed by force.
                if let status = error.status, status < 500 { return true }
                throw error
            }
        }
        guard isThere else { return }
        try await log.note("remove") { () async throws(EngineError) in
            try await engine.remove(id, named: name, timeout: timeout)
        }
    }
}

extension EngineError {
    /// There is no such image at the engine.
    fileprivate var isMissingImage: Bool {
        let text = message.lowercased()
        return status == 404 && (text.contains("no such image") || text.contains("image not known"))
    }

    /// Something else listens at the port.
    fileprivate var isTakenPort: Bool {
        let text = message.lowercased()
        return text.contains("address already in use") || text.contains("port is already allocated")
    }

    /// Another container has the name.
    fileprivate var isTakenName: Bool {
        let text = message.lowercased()
        return (status == 409 || status == 500)
            && (text.contains("already in use by") || text.contains("name is already in use"))
    }
}
