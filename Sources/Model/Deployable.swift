/// Everything that is needed to start, watch and remove an instance, however long ago its manifest was changed.
package struct Deployable: Hashable, Sendable, Codable {
    /// The driver's name.
    package var driver: String
    /// The driver's block.
    package var block: Value
    /// The files the block needs, with the ids of their contents, paths relative to the source's folder.
    package var files: [SourceFile]
    /// What an instance of it reports when it is in place.
    package var digest: Digest
    /// The workload's own health check.
    package var health: Check?
    /// What a moving name in the block stood for when the plan was made, as the driver wrote it down (see `Driver.pin`);
    /// not part of the digest. Nil where nothing moves or nothing was started yet.
    package var pin: Value?

    /// All parts; the digest is the driver's, see `Driver.digest`.
    package init(driver: String, block: Value, files: [SourceFile], digest: Digest, health: Check?, pin: Value? = nil) {
        self.driver = driver
        self.block = block
        self.files = files
        self.digest = digest
        self.health = health
        self.pin = pin
    }

    /// Equal for equal deployables, and only for them.
    package var id: Digest {
        var port = Value.null
        if case .port(let number, _, _) = health?.probe { port = .int(number) }
        return Digest(
            of: .map([
                "driver": .string(driver), "block": block, "pin": pin ?? .null, "digest": .string(digest.hex),
                "files": SourceFile.value(of: files), "health": .string(health?.text ?? ""), "port": port,
                "interval": .int(Int(health?.interval.milliseconds ?? 0)),
                "timeout": .int(Int(health?.timeout.milliseconds ?? 0)),
            ]))
    }
}

extension SourceFile {
    /// Paths, kinds and content ids as a value that can be hashed.
    package static func value(of files: [SourceFile]) -> Value {
        .list(files.map { .list([.string($0.path), .string($0.kind.rawValue), .string($0.id)]) })
    }

    /// The key under which exactly these files, at these paths and modes, are materialised.
    package static func key(of files: [SourceFile]) -> Digest { Digest(of: value(of: files)) }
}
