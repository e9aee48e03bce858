import FoundationEssentials
import Model
import NIOCore
import NIOHTTP1
import Processes
import Synchronization

extension Engine {
    /// What the engine has under a name, a digest or an id; nil where it has none.
    func inspect(image: String, timeout: TimeSpan) async throws(EngineError) -> InspectedImage? {
        let call = EngineCall(
            name: "look for the image \(VisibleText.line(image, limit: 200))",
            path: "/images/\(EngineCall.encode(image, keeping: "/:@"))/json", timeout: min(timeout, Engine.glance))
        let answer = try await ask(call, accepting: [404])
        return answer.status == 404 ? nil : try answer.decoded(InspectedImage.self, call, name)
    }

    /// The digest, `sha256:…`, that the registry has for an image now; nil where this engine cannot be asked.
    func digest(
        of image: ImageReference, _ login: RegistryLogin?, timeout: TimeSpan
    ) async throws(EngineError) -> String? {
        struct Descriptor: Decodable { var digest: String? }
        struct Answer: Decodable { var Descriptor: Descriptor? }
        let call = EngineCall(
            name: "ask the registry for \(image.shown)",
            path: "/distribution/\(EngineCall.encode(image.text, keeping: "/:@"))/json",
            headers: login.map { [("x-registry-auth", $0.header)] } ?? [], timeout: timeout)
        guard !(try await greet(timeout).isPodman) else { return nil }
        guard let digest = try await ask(call).decoded(Answer.self, call, name).Descriptor?.digest else {
            throw EngineError(engine: name, call: call.name, kind: .garbled("it names no digest"))
        }
        return digest
    }

    /// Pulls an image by its tag or digest. `tell` gets a line at most twice a second.
    func pull(
        _ image: ImageReference, _ login: RegistryLogin?, timeout: TimeSpan, tell: @escaping @Sendable (String) -> Void
    ) async throws(EngineError) {
        let call = EngineCall(
            name: "pull \(image.shown)", method: .POST, path: "/images/create",
            query: [("fromImage", image.repository), ("tag", image.digest ?? image.tag ?? "latest")],
            headers: login.map { [("x-registry-auth", $0.header)] } ?? [], timeout: max(timeout, .seconds(60)))
        let progress = Mutex(PullProgress(image: image.shown))
        // A layer that is unpacked says nothing for long.
        try await stream(call, idle: .seconds(300)) { part in
            let line = progress.withLock { $0.take(part.readableBytesView, at: Monotonic.now) }
            if let line { tell(line) }
        }
        if let failure = progress.withLock({ $0.failure }) {
            throw EngineError(engine: name, call: call.name, kind: .refused(404, failure))
        }
    }
}
