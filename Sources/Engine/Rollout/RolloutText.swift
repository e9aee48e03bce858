import FoundationEssentials
import Planning

/// A rollout's stored form as JSON text, and back.
enum RolloutText {
    static func write(_ stored: Rollout.Stored) -> String {
        guard let data = try? JSONEncoder().encode(stored) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }

    /// Nil for what an incompatible version wrote.
    static func read(_ text: String) -> Rollout.Stored? {
        try? JSONDecoder().decode(Rollout.Stored.self, from: Data(text.utf8))
    }
}
