import Model
import Testing

@testable import Commands

@Suite struct FileChangeTests {
    private func difference(
        _ place: String, old: [String]?, new: [String]?, remark: String? = nil, path: String = "/etc/web.conf"
    ) -> FileDifference {
        FileDifference(
            workload: "web", instance: "web@\(place)", place: place, path: path, old: old, new: new, remark: remark)
    }

    @Test func hunksAreThoseOfDiff() {
        let old = (1...20).map(String.init)
        var new = old
        new[2] = "three"
        new.insert("more", at: 15)
        new.remove(at: 19)
        #expect(
            UnifiedDiff.lines(old, new) == [
                "@@ -1,6 +1,6 @@", " 1", " 2", "-3", "+three", " 4", " 5", " 6", "@@ -13,8 +13,8 @@", " 13", " 14",
                " 15",
                "+more", " 16", " 17", " 18", "-19", " 20",
            ])
        #expect(UnifiedDiff.lines([], ["a", "b"]) == ["@@ -0,0 +1,2 @@", "+a", "+b"])
        #expect(UnifiedDiff.lines(["a"], []) == ["@@ -1 +0,0 @@", "-a"])
        #expect(UnifiedDiff.lines(["a"], ["a"]) == [])
        // What cleaning would make equal differs all the same.
        #expect(UnifiedDiff.lines(["\ta"], [" a"])?.count == 3)
        let long = String(repeating: "x", count: 2000)
        #expect(UnifiedDiff.lines([long + "1"], [long + "2"])?.count == 3)
        #expect(UnifiedDiff.lines(["\u{1B}[2Ja"], ["b"]) == ["@@ -1 +1 @@", "-\\u{1b}[2Ja", "+b"])
    }

    @Test func whatIsTooLongToCompareSaysSoBesideItsMode() {
        let (old, new) = ((1...30_000).map { "a\($0)" }, (1...30_000).map { "b\($0)" })
        let changes = FileChange.grouped([difference("h1", old: old, new: new, remark: "mode 0644 -> 0600")])
        #expect(changes.map(\.remark) == ["mode 0644 -> 0600, 30000 -> 30000 lines, too many to compare"])
    }

    @Test func hostsWithTheSameChangeAreOneEntry() {
        let many = (1...48).map { difference("h\($0)", old: ["a"], new: ["b"]) }
        let other = difference("odd", old: ["c"], new: ["b"])
        let mode = difference("odd", old: nil, new: nil, remark: "mode 0600 -> 0644", path: "/etc/key")
        let report = EnvironmentReport(
            name: "staging", outcome: .planned, reason: "1 change", files: many + [other, mode])
        let text = ReportText(style: Style(isOn: false)).text(report)
        #expect(
            text.contains(
                """
                  Files
                    48 hosts: h1, h2, h3, h4 and 44 more: /etc/web.conf
                      @@ -1 +1 @@
                      -a
                      +b
                    odd: /etc/web.conf
                      @@ -1 +1 @@
                      -c
                      +b
                    odd: /etc/key (mode 0600 -> 0644)
                """), "\(text)")
        let json = ReportJSON.value(report)["files"].list
        #expect(json.count == 3 && json[0]["places"].list.count == 48)
        #expect(json[0]["diff"] == .string("@@ -1 +1 @@\n-a\n+b") && json[2]["diff"] == .null)
        let markdown = ReportMarkdown.text(report)
        #expect(markdown.contains("```diff\n@@ -1 +1 @@\n-a\n+b\n```") && markdown.contains("48 hosts"))
    }
}
