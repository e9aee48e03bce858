import Manifests
import Model
import Testing

/// What is accepted in the block of containers has an effect: keys that would do nothing are problems, at their places.
@Suite struct ContainerBlockTests {
    @Test(arguments: [
        ("tls: {ca: /ca.pem}, engine: 'unix:///x'", "tls"), ("tls: {ca: /ca.pem}, engine: 'ssh://host'", "tls"),
        ("tls: {ca: /ca.pem}, engine: 'tcp://host:1'", nil), ("tls: {ca: /ca.pem}", nil), ("tls: {}", "tls"),
        ("tls: {cert: /c.pem}", "cert"), ("tls: {key: /k.pem}", "key"), ("tls: {cert: /c.pem, key: /k.pem}", nil),
        ("registry: {username: me}", "username"), ("registry: {password: p}", "password"),
        ("registry: {}", "registry"), ("registry: {username: me, password: p}", nil),
        ("registry: {config: /c}", nil), ("registry: {config: /c, username: me}", "username"),
        ("healthcheck: {}", "healthcheck"), ("healthcheck: {disable: false}", "healthcheck"),
        ("healthcheck: {disable: true}", nil), ("healthcheck: {disable: true, retries: 3}", "retries"),
        ("healthcheck: {test: []}", "test"), ("healthcheck: {test: [a], shell: b}", "shell"),
        ("healthcheck: {interval: 1s}", nil), ("healthcheck: {shell: b, retries: 2}", nil),
        ("network_mode: host, networks: [back]", "network_mode"), ("networks: [back], aliases: [db]", nil),
        ("aliases: [db]", "aliases"), ("network_mode: none, ports: [{container: 80}]", "ports"),
        ("network_mode: host, ports: [{container: 80}]", nil),
        ("network_mode: host, ports: [{container: 80, host: 81}]", "ports"),
        ("max_retries: 3", "max_retries"), ("max_retries: 3, restart: always", "max_retries"),
        ("max_retries: 3, restart: on-failure", nil), ("files_at: /x", "files_at"),
        ("files_at: /x, files: [a]", nil), ("labels: {team: blue}", nil),
        ("labels: {reconcile.digest: x}", "reconcile.digest"),
    ])
    func whatSaysNothingIsAProblem(block: String, key: String?) throws {
        let line = "container: {image: web, \(block)}"
        let text = "kind: Workload\nname: web\ndriver: container\n\(line)\n"
        let files = ["staging/environment.yaml": Sample.policy, "staging/web.yaml": text]
        let problems = ManifestParser(drivers: [Sample.container], prefix: "").environment(
            EnvironmentFolder(name: "staging", path: "staging", tree: "t"),
            entries: files.map { Sample.entry($0.key, $0.value) }.sorted { $0.path < $1.path }, defaults: [],
            contents: files.values.reduce(into: [:]) { $0[$1] = Array($1.utf8) }
        ).problems
        guard let key else {
            #expect(problems.isEmpty, "\(problems)")
            return
        }
        let column = try #require(line.ranges(of: key + ":").last).lowerBound
        #expect(problems.map(\.line) == [4], "\(problems)")
        #expect(problems.map(\.column) == [line.distance(from: line.startIndex, to: column) + 1], "\(problems)")
    }
}
