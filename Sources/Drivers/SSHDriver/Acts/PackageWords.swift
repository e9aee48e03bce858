/// What of many lines of apt-get and dpkg says why they failed: the last one hardly ever does.
enum PackageWords {
    /// Nil where nothing of it is known.
    static func reason(_ lines: [String]) -> String? {
        var reasons: [String] = []
        var errors: [String] = []
        var held: String?
        for (index, text) in lines.enumerated() {
            let line = text.trimmingBlanks
            let next = index + 1 < lines.count && lines[index + 1].hasPrefix(" ") ? lines[index + 1].trimmingBlanks : ""
            if relations.contains(where: { line.contains($0) }) {
                reasons.append(line)
            } else if line.hasPrefix("dpkg: error processing") {
                reasons.append(next.isEmpty ? line : "\(line) \(next)")
            } else if line.hasPrefix("The following held packages will be changed") {
                reasons.append("\(next) is on hold: `apt-mark unhold` lets it change")
            } else if line.hasPrefix(waiting) {
                held = String(line.dropFirst(waiting.count)).replacing("...", with: "").trimmingBlanks
            } else if line.hasPrefix("E: ") {
                errors.append(line)
            }
        }
        // These only repeat that there was one of the others.
        if !reasons.isEmpty { errors.removeAll { error in general.contains { error.hasPrefix($0) } } }
        let all = (held.map { [$0] } ?? []) + reasons + errors
        return all.isEmpty ? nil : all.joined(separator: "; ")
    }

    /// It says so every second.
    private static let waiting = "Waiting for cache lock:"
    private static let relations = [" : Depends: ", " : PreDepends: ", " : Conflicts: ", " : Breaks: "]
    private static let general = [
        "E: Sub-process /usr/bin/dpkg returned an error code", "E: Unable to correct problems",
    ]
}
