import Model

/// A configuration file in which some lines are ours.
struct MarkedFile: Sendable {
    let path: String

    init(_ path: String) { self.path = path }

    /// Its text.
    func read() async throws(TrafficError) -> MarkedText {
        guard let text = try await WholeFile(path).read() else {
            throw TrafficError("\(VisibleText.line(path, limit: 200)) is not there")
        }
        return MarkedText(text)
    }

    /// Puts lines between the marks of each name. Gives the text that was there before, or nil where nothing changed.
    func write(_ sections: [String: [String]]) async throws(TrafficError) -> String? {
        let old = try await read()
        var new = old
        for (name, lines) in sections {
            guard new.replace(name, lines) else {
                throw TrafficError(
                    "\(VisibleText.line(path, limit: 200)) has no lines `\(MarkedText.begin(name))` and "
                        + "`\(MarkedText.end(name))`: write them where our lines shall stand")
            }
        }
        guard new.text != old.text else { return nil }
        try await WholeFile(path).write(new.text)
        return old.text
    }
}
