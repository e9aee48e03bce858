import Model

/// Hostile text in Markdown: it is shown as it is, and is never a mark, a tag, a link or a mention.
enum Markdown {
    /// Text within a line or a table's cell.
    static func text(_ text: String, limit: Int = 500) -> String {
        var out = ""
        for scalar in VisibleText.line(text, limit: limit).unicodeScalars {
            switch scalar {
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "&": out += "&amp;"
            // A mention, a reference to an issue and an address are made by the server after the marks are read: only an
            // empty element between the signs keeps it from seeing them.
            case "@", "#", ":": out += "\(scalar)<!-- -->"
            case "\\", "`", "*", "_", "{", "}", "[", "]", "(", ")", "+", "-", ".", "!", "|", "~":
                out += "\\\(scalar)"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// A block of text as it is, behind a fence that it cannot close. `language` is a word of ours.
    static func fenced(_ text: String, as language: String = "text") -> String {
        let clean = VisibleText.block(text)
        var longest = 2
        var run = 0
        for character in clean {
            run = character == "`" ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: longest + 1)
        return "\(fence)\(language)\n\(clean)\(clean.hasSuffix("\n") ? "" : "\n")\(fence)"
    }

    static func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
}
