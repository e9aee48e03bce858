import Testing

/// The table `| room | may import |` of `docs/architecture.md`, in its order.
struct RoomTable {
    var rooms: [(name: String, imports: Set<String>)] = []

    init() throws {
        let lines = try House.text("docs/architecture.md").split(separator: "\n", omittingEmptySubsequences: false)
        let head = try #require(lines.firstIndex(of: "| room | may import |"), "the table has lost its head")
        for line in lines[(head + 2)...].prefix(while: { $0.hasPrefix("|") }) {
            let cells = line.split(separator: "|")
            try #require(cells.count == 2, "\(line)")
            let words = cells.map { $0.matches(of: #/`(\w+)`/#).map { String($0.1) } }
            rooms.append((try #require(words[0].first, "\(line)"), Set(words[1])))
        }
        try #require(rooms.count > 10)
    }

    var names: [String] { rooms.map(\.name) }
}
