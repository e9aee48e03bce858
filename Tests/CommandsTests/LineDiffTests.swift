import Model
import Testing

@testable import Commands

@Suite struct LineDiffTests {
    private func lines(_ from: String?, _ to: String?) -> [String]? {
        LineDiff.lines(.init(path: "shell.apply", from: from, to: to))
    }

    @Test func shortValuesStayOnOneLine() {
        #expect(lines("1", "2") == nil)
        #expect(lines(nil, "2") == nil)
        #expect(lines(nil, nil) == nil)
        #expect(lines(String(repeating: "a", count: 50), String(repeating: "b", count: 50)) == nil)
    }

    @Test func longValuesStandBelowEachOther() {
        let (old, new) = (String(repeating: "a", count: 60), String(repeating: "b", count: 60))
        #expect(lines(old, new) == ["- " + old, "+ " + new])
    }

    @Test func onlyWhatDiffersAndThreeLinesAround() {
        let old = (1...20).map(String.init)
        var new = old
        new[9] = "ten"
        new.append("more")
        #expect(
            lines(old.joined(separator: "\n") + "\n", new.joined(separator: "\n") + "\n") == [
                "  … 6 lines as before", "  7", "  8", "  9", "- 10", "+ ten", "  11", "  12", "  13",
                "  … 4 lines as before",
                "  18", "  19", "  20", "+ more",
            ])
    }

    @Test func linesThatOnlyLookTheSameDiffer() {
        let long = String(repeating: "a", count: 2000)
        let shown = lines("x\n" + long + "1", "x\n" + long + "2") ?? []
        #expect(shown.count == 3 && shown[1].hasPrefix("- aa") && shown[2].hasPrefix("+ aa"), "\(shown)")
        #expect(lines("x\na\u{1B}[1m", "x\na\u{1B}[2m")?.count == 3)
        #expect(shown.allSatisfy { $0.count < 1100 })
    }

    @Test func whatComesOrGoesWhole() {
        #expect(lines(nil, "a\nb\n") == ["+ a", "+ b"])
        #expect(lines("a\n\nb", nil) == ["- a", "- ", "- b"])
    }

    /// Every line of the new value is there once, in its order, without the marks.
    @Test func nothingIsLost() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let old = (0..<Int.random(in: 0...12, using: &random)).map { _ in "\(Int.random(in: 0...4, using: &random))"
            }
            let new = (0..<Int.random(in: 1...12, using: &random)).map { _ in "\(Int.random(in: 0...4, using: &random))"
            }
            let all = lines(old.joined(separator: "\n") + "\nend\n", new.joined(separator: "\n") + "\nend\n") ?? []
            guard !all.contains(where: { $0.contains("…") }) else { continue }
            let (left, right) = (old.isEmpty ? ["", "end"] : old + ["end"], new + ["end"])
            #expect(all.filter { !$0.hasPrefix("+") }.map { String($0.dropFirst(2)) } == left, "\(old) \(new)")
            #expect(all.filter { !$0.hasPrefix("-") }.map { String($0.dropFirst(2)) } == right, "\(old) \(new)")
        }
    }

    @Test func longAndHostileValuesAreBounded() {
        let many = (0..<1500).map { "line \($0)" }.joined(separator: "\n")
        #expect(lines(nil, many)?.count == 101 && lines(nil, many)?.last == "… 1400 more lines")
        #expect(lines("x", String(repeating: "\n", count: 3000)) == ["1 line -> 3000 lines"])
        let shown = lines(hostile + "\n", nil) ?? []
        #expect(!shown.isEmpty && shown.allSatisfy(Samples.isClean))
    }

    @Test func aPlanAndACommentShowThem() {
        let field = Change.Field(path: "shell.apply", from: "a\nb\n", to: "a\nc\n")
        let change = Samples.change(fields: [field])
        #expect(
            ReportText(style: .plain).lines(change) == [
                "  ~ web update", "      shell.apply:", "          a", "        - b", "        + c",
            ])
        #expect(ReportText(style: Style(isOn: true)).lines(change).last == "        \u{1B}[32m+ c\u{1B}[0m")
        let markdown = ReportMarkdown.changes([change])
        #expect(markdown.count == 2 && markdown[0].contains("| below | below |"))
        #expect(markdown[1] == "web shell\\.apply:\n\n```diff\n  a\n- b\n+ c\n```")
    }
}
