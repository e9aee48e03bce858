import ArgumentParser

/// How the loop says what happens.
enum LogFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    case text, json
}
