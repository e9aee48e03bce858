import ArgumentParser
import FoundationEssentials
import Testing

@testable import Commands

@Suite struct DocumentationTests {
    private func page() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return String(decoding: try Data(contentsOf: root.appending(path: "docs/commands.md")), as: UTF8.self)
    }

    @Test func everyCommandAndEveryOptionOfTheHelpIsInTheReference() throws {
        let page = try page()
        for command in ReconcileCommand.configuration.subcommands {
            let name = try #require(command.configuration.commandName)
            #expect(page.contains("`\(name)`") || page.contains("reconcile \(name) "), "\(name)")
            let words = command.helpMessage().split { " \n,[]|=".contains($0) }
            let options = Set(words.filter { $0.hasPrefix("--") }.map { $0.filter { $0.isLetter || $0 == "-" } })
            #expect(options.contains("--state"))
            for option in options { #expect(page.contains(option), "\(name) \(option)") }
        }
    }

    @Test func theHelpListsNoCommandThatIsNotBuilt() {
        for name in ["approve", "reject", "promote", "driver"] { #expect(!ReconcileCommand.names.contains(name)) }
    }
}
