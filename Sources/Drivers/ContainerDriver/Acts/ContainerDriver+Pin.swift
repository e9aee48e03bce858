import DriverKit
import Model
import Processes

extension ContainerDriver {
    /// What a tag stands for: the engine's own image or the registry's digest, as `pull` says. Nil for an image that is named
    /// by digest.
    package func pin(
        _ deployable: Deployable, tell: @escaping @Sendable (String) -> Void
    ) async throws(DriverFailure) -> Value? {
        let block = deployable.block
        guard let image = ImageReference(block["image"].string ?? "") else {
            throw DriverFailure("`image` is no name of an image")
        }
        if image.digest != nil { return nil }
        let engine = try await engine(for: block)
        do {
            return try await pin(image, block, engine, tell)
        } catch let error as DriverFailure {
            throw error
        } catch {
            throw DriverFailure("\(error)")
        }
    }

    private func pin(
        _ image: ImageReference, _ block: Value, _ engine: Engine, _ tell: @escaping @Sendable (String) -> Void
    ) async throws -> Value {
        let timeout = timeout(block)
        let pull = block["pull"].string ?? "missing"
        if pull != "always", let found = try await engine.inspect(image: image.text, timeout: timeout) {
            return pin(of: found, image)
        }
        guard pull != "never" else { throw ContainerDriver.mayNotPull(image, engine) }
        let login = try login(block, image)
        do throws(EngineError) {
            if let digest = try await engine.digest(of: image, login, timeout: timeout) {
                return PinnedImage.pin(id: nil, digest: digest)
            }
            // This engine cannot ask; what it pulls, it can name.
            try await engine.pull(image, login, timeout: timeout, tell: tell)
        } catch {
            throw DriverFailure(error.text(Redactor(login?.secrets ?? [])))
        }
        guard let found = try await engine.inspect(image: image.text, timeout: timeout) else {
            throw DriverFailure("the image \(image.shown) was pulled and is not at \(engine.name)")
        }
        return pin(of: found, image)
    }

    private static func mayNotPull(_ image: ImageReference, _ engine: Engine) -> DriverFailure {
        DriverFailure("the image \(image.shown) is not at \(engine.name), and `pull: never` is set: load it there")
    }

    /// Pulls what the engine has not, where the block allows it.
    func pull(
        _ image: PinnedImage, _ target: InstanceTarget, _ engine: Engine, _ log: inout ActLog
    ) async throws {
        let block = target.deployable.block
        guard block["pull"].string != "never" else { throw ContainerDriver.mayNotPull(image.written, engine) }
        guard let pulled = image.pulled else {
            throw DriverFailure(
                "the image \(image.written.shown) that was planned, \(image.text), is no more at \(engine.name), and no "
                    + "registry knows it by digest: give it back, or change the tag")
        }
        let login = try login(block, pulled)
        log.hide(login?.secrets ?? [])
        try await log.note("pull") { () async throws(EngineError) in
            try await engine.pull(pulled, login, timeout: timeout(block), tell: target.tell)
        }
    }

    private func login(_ block: Value, _ image: ImageReference) throws(DriverFailure) -> RegistryLogin? {
        do throws(SecretError) {
            return try RegistryLogin.read(block["registry"], for: image)
        } catch {
            throw DriverFailure(error.description)
        }
    }

    private func pin(of found: InspectedImage, _ image: ImageReference) -> Value {
        // Podman names digests of images that no registry ever had.
        PinnedImage.pin(id: found.Id, digest: image.digest(among: found.RepoDigests ?? []))
    }
}
