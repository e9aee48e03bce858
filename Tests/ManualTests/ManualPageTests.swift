import Commands
import Foundation
import TestSupport
import Testing

@testable import Manual

@Suite struct ManualPageTests {
    private static let pages = GeneratedFiles.all(page: "").filter { $0.key.hasPrefix("docs/man/") }

    @Test func everyCommandHasAPageWithAllItsParts() throws {
        #expect(Self.pages.count == CommandPage.all.count + 3)
        for command in [CommandPage.root] + CommandPage.all {
            let text = try #require(Self.pages["docs/man/\(CommandManual.name(command)).1"])
            let heads = [
                "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "\"EXIT STATUS\"", "ENVIRONMENT", "EXAMPLES",
                "\"SEE ALSO\"",
            ]
            for head in heads { #expect(text.contains("\n.SH \(head)\n"), "\(command.title) \(head)") }
            #expect(!command.prose.isEmpty && !command.examples.isEmpty, "\(command.title)")
            #expect(command.summary.hasSuffix("."), "\(command.title)")
            #expect(command.statuses.contains { $0.status == 0 } && command.statuses.contains { $0.status == 64 })
            for example in command.examples { #expect(example.line.hasPrefix("reconcile"), "\(example.line)") }
        }
    }

    /// A command whose part nobody put into the page would be missing from it.
    @Test func everyCommandHasItsPartOfTheReference() {
        let page = CurrentTests.text(GeneratedFiles.page)
        for command in CommandPage.all { #expect(page.contains("<!-- made: \(command.name) -->"), "\(command.name)") }
        #expect(
            page.split(separator: "\n").count { $0.hasPrefix("<!-- made: ") }
                == page.split(separator: "\n").count { $0 == "<!-- end -->" })
    }

    /// Read by a formatter that others wrote. That a page has no date is meant: it would never be current.
    @Test(.enabled(if: Programs.has("mandoc"), "needs mandoc")) func everyPageIsWellFormed() async throws {
        try await TemporaryFolder.with { folder in
            for (path, text) in Self.pages {
                let file = folder + "/" + (path.split(separator: "/").last ?? "")
                try Data(text.utf8).write(to: URL(filePath: file))
                let lint = await Programs.run("/usr/bin/mandoc", ["-T", "lint", "-W", "warning", file], in: folder)
                let said = lint.output.split(separator: "\n").filter { !$0.contains("missing date") }
                #expect(said.isEmpty, "\(path): \(said)")
            }
            let plain = await Programs.run("/usr/bin/mandoc", ["-T", "utf8", folder + "/reconcile-once.1"], in: folder)
            let shown = plain.output.replacing(#/.\u{8}/#, with: "")
            #expect(shown.contains("reconcile once [--dry-run] [--detailed-exitcode] [-e ENV]... [options]"))
            #expect(shown.contains("reconcile --dry-run --detailed-exitcode -e staging\n"))
        }
    }

    /// What a line begins with, and what a backslash begins, is a command to the formatter.
    @Test func textStaysText() {
        var page = ManualPage("x", section: 1, version: "1")
        page.paragraph(".so /etc/passwd\n'ab \\fBx `-o` **y**")
        page.display(".TH\n\\e")
        page.entry("a \"b\"", ".c")
        let lines = page.text.split(separator: "\n").dropFirst(2)
        #expect(
            lines == [
                ".PP", "\\&.so /etc/passwd", "\\(aqab \\efBx \\fB\\-o\\fR \\fBy\\fR", ".PP", ".RS 4", ".EX", "\\&.TH",
                "\\ee", ".EE", ".RE", ".TP", ".B \"a \"\"b\"\"\"", "\\&.c",
            ])
    }

    @Test func whatIsWrittenByHandStays() {
        let page = "before\n<!-- made: wake -->\nold\n<!-- end -->\nafter\n"
        let renewed = CommandReference.renewed(page)
        #expect(renewed == "before\n<!-- made: wake -->\n\n```\nreconcile wake\n```\n\n<!-- end -->\nafter\n")
        #expect(CommandReference.renewed(renewed) == renewed)
    }
}
