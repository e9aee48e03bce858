/// A row of `show servers state`, with what `show stat` knows of the same server.
struct HAProxyRow: Sendable {
    var backend: String
    /// The backend's number: a frontend may have the same name.
    var backendID: Int
    var name: String
    /// `ADDRESS:PORT`, or `[ADDRESS]:PORT`.
    var address: String
    var weight: Int
    /// Bits of `srv_admin_state`.
    var admin: Int
    /// `srv_op_state`: 0 for a server that does not answer.
    var operation: Int
    var sessions: Int?

    /// Forced, inherited, or by a name that does not resolve.
    private static let maintenance = 0x01 | 0x02 | 0x20 | 0x40
    private static let drain = 0x08 | 0x10

    var state: SeenServer.State {
        if admin & HAProxyRow.maintenance != 0 { return .out }
        if admin & HAProxyRow.drain != 0 { return .draining }
        return operation == 0 ? .down : .ready
    }
}

extension HAProxyRow {
    /// Reads both tables. Nil where they are not whole.
    static func all(in text: String) -> [HAProxyRow]? {
        // Every answer ends with an empty line; without it the connection was cut.
        guard text.hasSuffix("\n\n") else { return nil }
        var servers: [HAProxyRow] = []
        var columns: [String: Int] = [:]
        var isCSV = false
        for line in text.split(separator: "\n") {
            if line.hasPrefix("# ") {
                isCSV = line.hasPrefix("# pxname,")
                let names = line.dropFirst(2).split(separator: isCSV ? "," : " ", omittingEmptySubsequences: false)
                columns = Dictionary(names.enumerated().map { (String($1), $0) }) { first, _ in first }
                continue
            }
            let cells = line.split(separator: isCSV ? "," : " ", omittingEmptySubsequences: false)
            func cell(_ name: String) -> String? {
                columns[name].flatMap { cells.indices.contains($0) ? String(cells[$0]) : nil }
            }
            if isCSV {
                guard let backend = cell("pxname"), let name = cell("svname"),
                    let current = cell("scur").flatMap({ Int($0) }),
                    let index = servers.firstIndex(where: { $0.backend == backend && $0.name == name })
                else { continue }
                servers[index].sessions = current + (cell("qcur").flatMap { Int($0) } ?? 0)
            } else if let backend = cell("be_name"), let id = cell("be_id").flatMap({ Int($0) }),
                let name = cell("srv_name"), let host = cell("srv_addr"),
                let port = cell("srv_port"), let weight = cell("srv_uweight").flatMap({ Int($0) }),
                let admin = cell("srv_admin_state").flatMap({ Int($0) }),
                let operation = cell("srv_op_state").flatMap({ Int($0) })
            {
                servers.append(
                    HAProxyRow(
                        backend: backend, backendID: id, name: name,
                        address: (host.contains(":") ? "[\(host)]" : host) + ":" + port,
                        weight: weight, admin: admin, operation: operation))
            }
        }
        return servers
    }
}
