import Model

/// The numbers of the protocol between us and a plugin; `docs/drivers.md` is its specification.
package enum PluginProtocol {
    /// The versions that we speak.
    package static let versions = [1]
    /// How long a plugin may take to say hello.
    static let patience = TimeSpan.seconds(10)
    /// How long one may take to stop a request that was cancelled, and to end when its input ended.
    static let grace = TimeSpan.seconds(5)
    /// How long a line may be, in bytes.
    static let line = 1 << 20
    /// How much one may say between two answers, in bytes.
    static let chatter = 64 << 20
    /// How much of what is said during one request is kept, in bytes.
    static let output = 16_384
    /// How many instances one message asks about at most.
    static let batch = 256
    /// After which life the pauses between starts begin anew.
    static let healthy = TimeSpan.seconds(60)

    /// The pause after so many deaths in a row: a second, then twice as long each time, a minute at most.
    static func pause(afterDeaths count: Int) -> TimeSpan { .seconds(min(60, 1 << min(6, max(0, count - 1)))) }
}
