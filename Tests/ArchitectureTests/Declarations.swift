/// What `Package.swift` says that each target depends on, by the names of modules.
struct Declarations {
    /// Targets in their order; a test's are those of its folder.
    private(set) var targets: [(name: String, modules: Set<String>)] = []

    /// Modules of a product that has another name.
    private static let modules = ["Yams": "CYaml"]

    init() throws {
        let text = try House.text("Package.swift")
        var named: [String: Set<String>] = [:]
        for match in text.matches(of: #/let (\w+): Target\.Dependency = \.product\(name: "(\w+)"/#) {
            named[String(match.1)] = [Self.modules[String(match.2)] ?? String(match.2)]
        }
        for match in text.matches(of: #/let (\w+): \[Target\.Dependency\] = \[([^\]]*)\]/#) {
            named[String(match.1)] = Set(match.2.matches(of: #/"(\w+)"/#).map { String($0.1) })
        }
        let target =
            #/(?:room|tests|executableTarget|testTarget)\(\s*(?:name: )?"(\w+)",[^\[()]*\[([^\]]*)\](?: \+ (\w+))?/#
        for match in text.matches(of: target) {
            var modules = match.3.flatMap { named[String($0)] } ?? []
            for word in match.2.matches(of: #/"?\w+"?/#).map({ String($0.0) }) {
                if word.hasPrefix("\"") {
                    modules.insert(word.filter { $0 != "\"" })
                } else {
                    modules.formUnion(named[word] ?? [word])
                }
            }
            targets.append((String(match.1), modules))
        }
    }
}
