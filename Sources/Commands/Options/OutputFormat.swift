/// How every command can print its results.
enum OutputFormat: String, CaseIterable, Sendable {
    case text, json, markdown

    static var words: [String] { allCases.map(\.rawValue) }
}
