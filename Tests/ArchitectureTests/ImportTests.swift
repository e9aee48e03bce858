import Testing

@Suite struct ImportTests {
    @Test func everyRoomImportsWhatTheTableSays() throws {
        var real: [String: Set<String>] = [:]
        for source in try House.sources() { real[source.room, default: []].formUnion(source.imports) }
        let table = try RoomTable()
        for (room, listed) in table.rooms {
            let imports = real[room] ?? []
            #expect(imports.subtracting(listed) == [], "\(room) imports what docs/architecture.md does not list")
            #expect(listed.subtracting(imports) == [], "\(room) does not import what docs/architecture.md lists")
        }
    }

    @Test func everyRoomStandsInTheTableOnce() throws {
        let onDisk = Set(
            House.files(below: "Sources", ending: "").filter { $0.hasSuffix(".swift") || $0.hasSuffix(".modulemap") }
                .map { SourceText(path: $0, text: "").room })
        let names = try RoomTable().names
        #expect(Set(names) == onDisk)
        #expect(Set(names).count == names.count)
    }

    @Test func noRoomImportsOneBelowIt() throws {
        let table = try RoomTable()
        for (place, room) in table.rooms.enumerated() {
            let later = Set(table.names[place...])
            #expect(room.imports.intersection(later) == [], "\(room.name) imports itself or a room below it")
        }
    }

    /// What SwiftPM was not told of may be missing when the parts are built in another order.
    @Test func everyImportOfARoomIsDeclared() throws {
        let manifest = try House.text("Package.swift")
        let table = try RoomTable()
        var seen = 0
        for match in manifest.matches(of: #/(?:room|executableTarget)\(\s*(?:name: )?"(\w+)",[^\[]*\[([^\]]*)\]/#) {
            guard let room = table.rooms.first(where: { $0.name == match.1 }) else { continue }
            seen += 1
            let declared = Set(match.2.matches(of: #/"(\w+)"/#).map { String($0.1) })
            #expect(room.imports.intersection(table.names).subtracting(declared) == [], "\(room.name) in Package.swift")
        }
        #expect(seen == table.rooms.count { !$0.imports.isEmpty })
    }

    @Test(arguments: ["Model", "Manifests", "Planning"])
    func pureRoomsReachNothing(_ room: String) throws {
        let reaching: Set = [
            "Foundation", "FoundationEssentials", "FoundationNetworking", "Glibc", "Musl", "Dispatch", "CProcess",
            "CLibGit2", "NIOCore", "NIOPosix", "AsyncHTTPClient", "GRDB", "Processes",
        ]
        let imports = try #require(try RoomTable().rooms.first { $0.name == room }).imports
        #expect(imports.intersection(reaching) == [])
    }

    /// Full Foundation costs megabytes and time at every start.
    @Test func nobodyImportsAllOfFoundation() throws {
        for room in try RoomTable().rooms { #expect(!room.imports.contains("Foundation"), "\(room.name)") }
    }
}
