import TestSupport

/// The images of these tests, given to each engine once.
actor Images {
    static let web = "reconcile.test/web:1"
    static let next = "reconcile.test/web:2"
    static let checked = "reconcile.test/checked:1"
    static let sick = "reconcile.test/sick:1"
    static let failing = "reconcile.test/failing:1"

    private static let shared = Images()
    private var loading: [String: Task<Void, any Error>] = [:]

    static func load(into engine: ContainerEngine) async throws { try await shared.load(into: engine) }

    private func load(into engine: ContainerEngine) async throws {
        if let task = loading[engine.socket] { return try await task.value }
        let task = Task {
            let soon = #""Interval": 200000000, "Timeout": 5000000000, "Retries": 1"#
            for image in [
                TestImage.web(Images.web, version: "1"), .web(Images.next, version: "2"),
                .web(
                    Images.checked, version: "3",
                    healthcheck: #"{"Test": ["CMD", "wget", "-q", "-O-", "http://127.0.0.1:8080/"], \#(soon)}"#),
                .web(
                    Images.sick, version: "4",
                    healthcheck: #"{"Test": ["CMD-SHELL", "echo it is ill; false"], \#(soon)}"#),
                .failing(Images.failing, code: 7, says: "no configuration was found"),
            ] { try await engine.load(image) }
        }
        loading[engine.socket] = task
        try await task.value
    }
}
