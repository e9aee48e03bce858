import ArgumentParser
import Testing

@testable import Commands

@Suite struct DocumentationTests {
    @Test func theHelpListsNoCommandThatIsNotBuilt() {
        for name in ["promote"] { #expect(!ReconcileCommand.names.contains(name)) }
    }

    /// Every option of the declarations, in 80 columns, and the same for every way to ask.
    @Test func helpHasEverythingAndFits() throws {
        for name in [""] + ReconcileCommand.names {
            let help = try #require(HelpText.of(name), "\(name)")
            for line in help.split(separator: "\n") where !line.contains("reconcile ") {
                #expect(line.count <= 80, "\(name): \(line)")
            }
            for part in ["Usage: reconcile", "\nExamples:\n  reconcile", "--state DIR", "  64  wrong usage"] {
                #expect(help.contains(part), "\(name) \(part)")
            }
            #expect(!help.contains("<") && help.hasSuffix("\n"))
        }
        #expect(HelpText.of("frob") == nil)
        for command in ReconcileCommand.groups.flatMap(\.commands) {
            let name = try #require(command.configuration.commandName)
            let help = try #require(HelpText.of(name))
            let words = command.helpMessage().split { " \n,[]|=".contains($0) }
            let options = Set(words.filter { $0.hasPrefix("--") }.map { $0.filter { $0.isLetter || $0 == "-" } })
            #expect(options.count > 8)
            for option in options.subtracting(["--help", "--version"]) { #expect(help.contains(option), "\(option)") }
        }
    }
}
