import Model

/// Our lines in nginx's configuration.
enum NginxLines {
    /// The servers of an upstream. `hasOthers` says whether the upstream has servers that are not ours: nginx refuses one
    /// that has none at all.
    static func servers(_ servers: [BalancedServer], _ settings: NginxSettings, hasOthers: Bool) -> [String] {
        let options = settings.options.isEmpty ? "" : " " + settings.options
        let lines = servers.filter { $0.weight > 0 }.map { server in
            "server \(server.address) weight=\(server.weight)\(options); # \(server.name)"
        }
        return lines.isEmpty && !hasOthers ? ["server 127.0.0.1:9 down; # nobody"] : lines
    }

    /// The map that names the upstream of each request.
    static func map(_ match: Match?, _ settings: NginxSettings) -> [String] {
        let (variable, value): (String, String?) =
            switch match {
            case .header(let name, let value)?:
                ("$http_" + name.lowercased().map { $0 == "-" ? "_" : String($0) }.joined(), value)
            case .cookie(let name, let value)?: ("$cookie_" + name, value)
            case nil: ("\"\"", nil)
            }
        // A plain text would be compared without regard to case.
        let exact = value.map { "~^" + $0.map { ".+".contains($0) ? "\\\($0)" : String($0) }.joined() + "$" }
        let entry = exact.flatMap { exact in settings.matchUpstream.map { " \"\(exact)\" \($0);" } } ?? ""
        return ["map \(variable) $\(settings.variable) { default \(settings.upstream);\(entry) }"]
    }

    /// Reads a line that `servers` wrote.
    static func server(_ line: String, _ group: ServerGroup) -> SeenServer? {
        let halves = line.split(separator: "#", maxSplits: 1)
        guard halves.count == 2, let seen = address(in: line) else { return nil }
        let words = halves[0].split { $0 == " " || $0 == ";" }
        guard let weight = words.first(where: { $0.hasPrefix("weight=") }).flatMap({ Int($0.dropFirst(7)) }) else {
            return nil
        }
        let name = String(halves[1].drop { $0 == " " })
        return SeenServer(name: name, group: group, address: seen, weight: max(0, min(weight, 1_000_000)))
    }

    /// What a line that begins with `server` names; nil for other lines.
    static func address(in line: String) -> String? {
        let words = line.split { $0 == " " || $0 == "\t" || $0 == ";" }
        guard words.count > 1, words[0] == "server" else { return nil }
        return VisibleText.line(String(words[1]), limit: 200)
    }
}
