import Foundation
import Testing

@Suite struct PageTests {
    @Test func everyRelativeLinkLeadsSomewhere() throws {
        var count = 0
        for page in try House.pages() {
            let folder = page.split(separator: "/").dropLast().joined(separator: "/")
            for match in try prose(page).matches(of: #/\]\(([^)\s]+)\)/#) where !match.1.contains(#/^[a-z]+:/#) {
                count += 1
                let parts = match.1.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                let target = parts[0].isEmpty ? page : (folder.isEmpty ? "" : folder + "/") + parts[0]
                #expect(House.exists(target), "\(page) links to \(match.1)")
                guard parts.count == 2, target.hasSuffix(".md"), House.exists(target) else { continue }
                #expect(try anchors(target).contains(String(parts[1])), "\(page) links to \(match.1)")
            }
        }
        #expect(count > 20)
    }

    /// Names of files and folders in the prose are checked like links.
    @Test func everyPathThatIsNamedIsThere() throws {
        let path = #/`((?:Sources|Tests|docs|hooks|manifests|scripts)\/[\w\/+.-]*)`/#
        for page in try House.pages() {
            for match in try prose(page).matches(of: path) {
                #expect(House.exists(String(match.1)), "\(page) names \(match.1)")
            }
        }
    }

    @Test func theIndexListsEveryPage() throws {
        let index = try House.text("docs/README.md")
        for page in House.files(below: "docs", ending: "") where page != "docs/README.md" {
            // Folders are listed by what is in them; every command has its manual page.
            if !House.files(below: page, ending: "").isEmpty { continue }
            if page.hasPrefix("docs/man/reconcile-"), page.hasSuffix(".1") { continue }
            #expect(index.contains("](\(page.dropFirst(5)))"), "docs/README.md does not list \(page)")
        }
    }

    /// A page without its examples.
    private func prose(_ page: String) throws -> String {
        try House.text(page).replacing(#/(?ms)^```.*?^```/#, with: "")
    }

    /// What headings are linked by.
    private func anchors(_ page: String) throws -> Set<String> {
        Set(
            try prose(page).split(separator: "\n").filter { $0.hasPrefix("#") }.map { heading in
                String(
                    heading.drop { $0 == "#" || $0 == " " }.lowercased().map { $0 == " " ? "-" : $0 }
                        .filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
            })
    }
}
