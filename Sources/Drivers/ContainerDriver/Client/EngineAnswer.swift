import FoundationEssentials
import Model
import NIOCore

/// What an engine answered: a success.
struct EngineAnswer: Sendable {
    var status: Int
    var body: ByteBuffer

    /// What JSON says, in the shape that is wanted.
    func decoded<T: Decodable>(_ type: T.Type, _ call: EngineCall, _ engine: String) throws(EngineError) -> T {
        do {
            return try JSONDecoder().decode(type, from: Data(body.readableBytesView))
        } catch {
            throw EngineError(
                engine: engine, call: call.name, kind: .garbled(VisibleText.line("\(error)", limit: 200)))
        }
    }
}

/// How an engine says what went wrong.
struct EngineMessage: Decodable {
    var message: String?
    var cause: String?

    /// The sentence in an answer, whole and as it was said.
    static func text(of body: some Sequence<UInt8>) -> String {
        let data = Data(body.prefix(1 << 20))
        let said = try? JSONDecoder().decode(EngineMessage.self, from: data)
        let text = said?.message ?? said?.cause ?? String(decoding: data, as: UTF8.self)
        return text.isEmpty ? "it does not say why" : text
    }
}
