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

    /// What SwiftPM was not told of may be missing when the parts are built in another order; what nothing imports is
    /// built for nothing.
    @Test func whatIsImportedIsDeclaredAndTheOtherWay() throws {
        var imported: [String: Set<String>] = [:]
        for source in try House.sources() { imported[source.room, default: []].formUnion(source.imports) }
        for path in House.files(below: "Tests", ending: ".swift") {
            let source = SourceText(path: path, text: try House.text(path))
            imported[source.room == "EndToEnd" ? "EndToEndTests" : source.room, default: []].formUnion(source.imports)
        }
        let ofSystem: Set = ["Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Synchronization", "Testing"]
        // Tests run the built binary, and any may need what is shared.
        let free: Set = ["reconcile", "TestSupport"]
        let targets = try Declarations().targets
        for (name, declared) in targets {
            let real = (imported[name] ?? []).subtracting(ofSystem)
            #expect(real.subtracting(declared) == [], "\(name) imports what Package.swift does not declare")
            #expect(
                declared.subtracting(real).subtracting(name.hasSuffix("Tests") ? free : []) == [],
                "Package.swift declares what \(name) does not import")
        }
        let missing = Set(imported.keys).subtracting(targets.map(\.name))
        #expect(missing == [], "Package.swift has no such target, or one that imports nothing")
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
