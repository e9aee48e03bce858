import Model

extension PluginMessage.Progress {
    /// One line: `3 of 10: copying`.
    var line: String {
        let count = done.map { done in of.map { "\(done) of \($0)" } ?? "\(done)" }
        return [count, text].compactMap { $0 }.joined(separator: ": ")
    }
}

extension PluginMessage.Result {
    /// Without secrets. A digest of ours stays as it is: a short secret may happen to be part of it.
    func redacted(by secrets: KnownSecrets, digests: Set<String>) -> PluginMessage.Result {
        var result = self
        result.reason = reason.map { VisibleText.line(secrets.redact($0)) }
        result.digest = digest.map { digests.contains($0) ? $0 : VisibleText.line(secrets.redact($0), limit: 200) }
        result.observations = observations?.map { sight in
            var sight = sight
            sight.reason = sight.reason.map { VisibleText.line(secrets.redact($0)) }
            sight.digest = sight.digest.map {
                digests.contains($0) ? $0 : VisibleText.line(secrets.redact($0), limit: 200)
            }
            return sight
        }
        return result
    }
}

extension OpenRequest {
    /// The digests that it was given.
    var digests: Set<String> { Set(request.targets.map(\.deployable.digest.hex)) }
}
