import Model

/// One value of a YAML document, with its place. Aliases are already replaced by what they stand for.
struct YAMLNode: Sendable {
    enum Content: Sendable {
        /// The text as written; `plain` where it stands without quotes and is not a block of text.
        case scalar(String, plain: Bool)
        case list([YAMLNode])
        /// In the order of the file, without duplicates.
        case map([Entry])
    }

    struct Entry: Sendable {
        var key: String
        var place: Place
        var value: YAMLNode
    }

    var content: Content
    var place: Place

    var entries: [Entry] {
        if case .map(let entries) = content { return entries }
        return []
    }

    subscript(key: String) -> YAMLNode? { entries.first { $0.key == key }?.value }

    /// Where the last of these keys stands, each inside the one before; the nearest place where they lead nowhere.
    func place(of path: [String]) -> Place {
        guard let key = path.first, let entry = entries.first(where: { $0.key == key }) else { return place }
        return path.count == 1 ? entry.place : entry.value.place(of: Array(path.dropFirst()))
    }

    /// One value stands for a list of one.
    var items: [YAMLNode] {
        if case .list(let items) = content { return items }
        return [self]
    }

    var text: String? {
        if case .scalar(let text, _) = content { return text }
        return nil
    }

    /// Nothing was written: a key without a value.
    var isEmpty: Bool {
        if case .scalar("", plain: true) = content { return true }
        return false
    }
}
