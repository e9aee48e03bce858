import Model
import Testing

@testable import Commands

@Suite struct MarkdownTests {
    @Test func aPassIsAHeadingATableAndFoldedSteps() {
        let markdown = ReportMarkdown.text(Samples.pass([Samples.full]))
        #expect(markdown.contains("### staging: waiting\n"))
        #expect(markdown.contains("| update | web | shell\\.env\\.VERSION | 1 | 2 |\n"))
        #expect(markdown.contains("| delete (drift) | web |  |  |  |"))
        #expect(
            markdown.contains("<details><summary>1 step</summary>\n\n```text\n1. wait for web-1\n```\n\n</details>"))
        #expect(markdown.contains("approval waiting"))
        #expect(markdown.contains("staging/web\\.yaml"))
    }

    @Test func hostileTextIsNoMarkNoTagNoMentionAndNoCell() {
        let cell = Markdown.text(hostile)
        #expect(!cell.contains("<script") && !cell.contains("</details>"))
        #expect(!cell.contains("@team") && !cell.contains("#1") && !cell.contains("https://"))
        #expect(!cell.contains("\n"))
        for mark in ["|", "`", "[", "]"] {
            #expect(
                cell.split(separator: mark, omittingEmptySubsequences: false).dropLast().allSatisfy {
                    $0.hasSuffix("\\")
                })
        }
    }

    @Test func everyRowOfAHostileTableHasTheSameCells() {
        let lines = ReportMarkdown.changes(Samples.hostileReport.changes)[0].split(separator: "\n")
        #expect(lines.count == 3)
        for line in lines {
            #expect(line.replacing("\\|", with: "").filter { $0 == "|" }.count == 6)
        }
    }

    @Test func aFenceIsLongerThanWhatItHolds() {
        let fenced = Markdown.fenced("a\n````\n<b>\n")
        #expect(fenced == "`````text\na\n````\n<b>\n`````")
    }
}
