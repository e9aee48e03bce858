import Model

/// Colours, on a terminal only.
struct Style: Sendable {
    var isOn: Bool

    static let plain = Style(isOn: false)

    func bold(_ text: String) -> String { paint(text, "1") }
    func dim(_ text: String) -> String { paint(text, "2") }
    func red(_ text: String) -> String { paint(text, "31") }
    func green(_ text: String) -> String { paint(text, "32") }
    func yellow(_ text: String) -> String { paint(text, "33") }

    /// An outcome in the colour of its exit status.
    func outcome(_ outcome: Outcome) -> String {
        switch outcome.exitStatus {
        case 0: green(outcome.rawValue)
        case 1: red(outcome.rawValue)
        default: yellow(outcome.rawValue)
        }
    }

    func action(_ action: Change.Action, _ text: String) -> String {
        switch action {
        case .create: green(text)
        case .delete: red(text)
        case .update, .replace: yellow(text)
        }
    }

    /// The colour of a line of a difference, by its first character; nil where it has none.
    func mark(_ first: Character?) -> ((String) -> String)? {
        switch first {
        case "+": green
        case "-": red
        default: nil
        }
    }

    private func paint(_ text: String, _ code: String) -> String { isOn ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text }
}
