import Model

/// What the worker is told, on its standard input.
struct FetchRequest: Codable {
    var address: String
    var following: SourceReference
    var stateFolder: String
    var access = FetchAccess()
    var limits = ReceiveLimits()

    /// The mirror's reference of this source.
    var reference: MirrorReference { MirrorReference(address: address, following: following) }
}
