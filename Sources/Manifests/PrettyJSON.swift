import Model

/// JSON for people: sorted keys, two spaces, one trailing line break.
enum PrettyJSON {
    static func text(of value: Value) -> String {
        var text = ""
        write(value, indent: "", to: &text)
        return text + "\n"
    }

    private static func write(_ value: Value, indent: String, to text: inout String) {
        let inner = indent + "  "
        switch value {
        case .list(let items) where items.contains { !$0.list.isEmpty || !$0.map.isEmpty }:
            text += "["
            for (index, item) in items.enumerated() {
                text += (index == 0 ? "\n" : ",\n") + inner
                write(item, indent: inner, to: &text)
            }
            text += "\n" + indent + "]"
        case .map(let entries) where !entries.isEmpty:
            text += "{"
            for (index, entry) in entries.sorted(by: { $0.key < $1.key }).enumerated() {
                text += (index == 0 ? "\n" : ",\n") + inner
                text.appendJSON(entry.key)
                text += ": "
                write(entry.value, indent: inner, to: &text)
            }
            text += "\n" + indent + "}"
        default: text += value.canonical
        }
    }
}
