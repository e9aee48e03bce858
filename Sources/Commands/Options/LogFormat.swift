/// How the loop says what happens.
enum LogFormat: String, CaseIterable, Sendable {
    case text, json
}
