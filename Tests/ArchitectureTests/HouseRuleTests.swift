import Testing

@Suite struct HouseRuleTests {
    @Test func noFileIsTooLong() throws {
        for source in try House.sources() { #expect(source.lines.count <= 401, "\(source.path) is over 400 lines") }
    }

    @Test func nothingCanCrash() throws {
        let crashes = #/\btry!|\bas!|\bfatalError\(|\bprecondition(Failure)?\(|[\w)\]}]!(?![=\w])/#
        #expect(try House.sources().flatMap { $0.places(of: crashes) } == [])
    }

    /// Results go out through one place in Commands, all else through events.
    @Test func nothingIsPrinted() throws {
        let prints = #/(^|[^.\w])(print|debugPrint|dump|puts|printf|NSLog)\(/#
        #expect(try House.sources().flatMap { $0.places(of: prints) } == [])
    }

    @Test func whatTheCompilerIsToldToTrustHasAReason() throws {
        for source in try House.sources() {
            for (number, line) in source.code.enumerated()
            where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
                #expect(source.hasReason(at: number), "\(source.path):\(number + 1) gives no reason")
            }
        }
    }

    @Test func everySharedNameIsExplained() throws {
        for source in try House.sources() {
            for (number, line) in source.lines.enumerated() where line.contains(#/^\s*package (?!import)/#) {
                let above = source.lines[..<number].last { !$0.contains(#/^\s*@\w+/#) }
                #expect(above?.contains(#/^\s*////#) == true, "\(source.path):\(number + 1) has no `///`")
            }
        }
    }

    /// The rules above are only as good as what they take for code.
    @Test func commentsAndStringsAreNoCode() {
        let text = """
            a // try! b
            "as! \\" x" c /* fatalError(
            */ d #"print(""# e
            \"""
            try!
            \""" f!
            """
        let source = SourceText(path: "Sources/Room/X.swift", text: text)
        #expect(source.code.joined(separator: "\n").filter { !$0.isWhitespace && $0 != "\"" } == "acdef!")
        #expect(source.code.count == source.lines.count)
        #expect(source.places(of: #/f!/#) == ["Sources/Room/X.swift:6: \"\"\" f!"])
    }
}
