import ArgumentParser

/// A command of ours: it gets the settings and says with which status the process ends.
protocol ToolCommand: ParsableCommand, Sendable {
    /// Ways to call it, at least one, for help and manual.
    static var examples: [Example] { get }
    /// What it can end with, for help and manual.
    static var statuses: [ExitMeaning] { get }
    /// What it was given of the options that all accept.
    var common: CommonOptions { get }
    /// Whether it ends by itself when it is told to, at a point where that is safe.
    func holdsSignals(_ variables: Variables) -> Bool
    /// What it works with. Throws wrong usage, or what makes the work impossible.
    func settings(_ variables: Variables) throws(CommandFailure) -> Settings
    /// Does the work. Throws `CommandFailure`, or another error that says what to do.
    func perform(_ settings: Settings, _ output: Output) async throws -> Int32
}

extension ToolCommand {
    static var statuses: [ExitMeaning] { ExitMeaning.usual }

    func holdsSignals(_ variables: Variables) -> Bool { false }

    func settings(_ variables: Variables) throws(CommandFailure) -> Settings {
        try Settings.resolve(common, variables)
    }
}
