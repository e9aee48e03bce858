/// A manual page in the `man` macros, which groff and mandoc both know.
struct ManualPage {
    private(set) var text: String

    init(_ title: String, section: Int, version: String) {
        text = ".\\\" Made from the declarations of the program by `make reference`: do not edit.\n"
        text += ".TH \(ManualPage.quoted(title.uppercased())) \(section) \"\" \"reconcile \(version)\" reconcile\n"
    }

    mutating func section(_ title: String) { text += ".SH \(ManualPage.quoted(title.uppercased()))\n" }

    mutating func group(_ title: String) { text += ".SS \(ManualPage.quoted(title))\n" }

    /// A line under a heading.
    mutating func plain(_ text: String, isBold: Bool = false) {
        self.text += (isBold ? ".B " : "") + (isBold ? ManualPage.quoted(text) : ManualPage.marked(text)) + "\n"
    }

    /// `code` and **weight** are set in bold.
    mutating func paragraph(_ text: String) {
        begin()
        self.text += ManualPage.marked(text) + "\n"
    }

    /// A word in bold, and what it means.
    mutating func entry(_ label: String, _ meaning: String) {
        text += ".TP\n.B \(ManualPage.quoted(label))\n" + ManualPage.marked(meaning) + "\n"
    }

    /// Lines as they stand, indented.
    mutating func display(_ lines: String) {
        begin()
        text += ".RS 4\n.EX\n"
        for line in lines.split(separator: "\n", omittingEmptySubsequences: false) {
            text += ManualPage.guarded(ManualPage.escaped(String(line))) + "\n"
        }
        text += ".EE\n.RE\n"
    }

    /// A heading begins a paragraph by itself.
    private mutating func begin() {
        let last = text.dropLast().split(separator: "\n").last ?? ""
        if !last.hasPrefix(".S") { text += ".PP\n" }
    }

    private static func marked(_ text: String) -> String {
        let plain = text.replacing("**", with: "`")
        var out = ""
        var isBold = false
        for part in plain.split(separator: "`", omittingEmptySubsequences: false) {
            out += isBold ? "\\fB\(escaped(String(part)))\\fR" : escaped(String(part))
            isBold.toggle()
        }
        return out.split(separator: "\n").map { guarded(String($0)) }.joined(separator: "\n")
    }

    /// An argument of a macro: in quotes, where a quote is written twice.
    private static func quoted(_ text: String) -> String {
        let text = escaped(text).replacing("\"", with: "\"\"")
        return text.contains(" ") || text.contains("\"") || text.isEmpty ? "\"\(text)\"" : text
    }

    /// A hyphen would be set as a typographic one, which nobody can paste into a shell.
    private static func escaped(_ text: String) -> String {
        let table: [Character: String] = [
            "\\": "\\e", "-": "\\-", "…": "\\&...", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti",
        ]
        return text.map { table[$0] ?? String($0) }.joined()
    }

    /// A line that begins with a dot would be a macro.
    private static func guarded(_ line: String) -> String { line.hasPrefix(".") ? "\\&" + line : line }
}
