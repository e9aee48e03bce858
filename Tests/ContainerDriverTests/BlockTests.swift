import Model
import Processes
import Testing

@testable import ContainerDriver

/// What a block says, without an engine.
@Suite struct BlockTests {
    @Test func quantities() {
        for (text, cpu) in [("500m", 500_000_000), ("2", 2_000_000_000), ("1.5", 1_500_000_000), ("0.1", 100_000_000)] {
            #expect(Quantity.billionths(text) == cpu)
        }
        for (text, bytes) in [
            ("512Mi", 512 << 20), ("1Gi", 1 << 30), ("1.5Gi", 3 << 29), ("100k", 100_000), ("2M", 2_000_000),
            ("1024", 1024), ("1500m", 1), ("7Ei", 7 << 60),
        ] { #expect(Quantity.whole(text) == bytes, "\(text)") }
        #expect(Quantity.whole("9Ei") == nil)
        #expect(Quantity.whole("8.5Ei") == nil)
        #expect(Quantity.billionths("99999999999") == nil)
        for text in ["lots", "1.2.3", "1.", ".5", ""] { #expect(Quantity.billionths(text) == nil, "\(text)") }
        for text in ["512m", "0", "0Gi", "-1", "9Ei", "1", "512MB", "512 Mi"] {
            #expect(!Quantity.Kind.bytes.holds(text), "\(text)")
        }
        for text in ["512Mi", "64Ki", "1.5G", "1073741824"] { #expect(Quantity.Kind.bytes.holds(text), "\(text)") }
        for text in ["0", "0m", "0.0001", "lots", "9Ei"] { #expect(!Quantity.Kind.processors.holds(text), "\(text)") }
        for text in ["1m", "500m", "0.5", "64"] { #expect(Quantity.Kind.processors.holds(text), "\(text)") }
    }

    @Test func images() {
        let digest = "sha256:" + String(repeating: "a", count: 64)
        for (text, repository, tag) in [
            ("web", "web", nil), ("web:1", "web", "1"),
            ("a.example:5000/x/web:1.4-b_2", "a.example:5000/x/web", "1.4-b_2"),
            ("localhost/Web", nil, nil), ("LOCALHOST/web", nil, nil), ("127.0.0.1:5000/web", "127.0.0.1:5000/web", nil),
            ("", nil, nil), ("-web", nil, nil), ("web:", nil, nil), ("we b", nil, nil), ("../web", nil, nil),
            ("web:1:2", nil, nil), ("web@sha256:12", nil, nil), ("a//b", nil, nil), ("web\n", nil, nil),
        ] as [(String, String?, String?)] {
            let image = ImageReference(text)
            #expect(image?.repository == repository, "\(text)")
            #expect(image?.tag == tag)
            if let image { #expect(image.text == text) }
        }
        let pinned = ImageReference("a.example/web:1@" + digest)
        #expect(pinned?.digest == digest)
        #expect(pinned?.at(digest).text == "a.example/web@" + digest)
        #expect(ImageReference("a.example/web")?.registry == "a.example")
        #expect(ImageReference("library/web")?.registry == nil)
        #expect(ImageReference("docker.io/library/web")?.registry == nil)
        let other = "sha256:" + String(repeating: "b", count: 64)
        for (written, name) in [
            ("web:1", "web"), ("docker.io/library/web:1", "web"), ("web", "docker.io/library/web"),
            ("library/web", "web"), ("index.docker.io/team/web:1", "team/web"), ("docker.io/team/web", "team/web"),
            ("a.example:5000/web:1", "a.example:5000/web"), ("localhost/web", "localhost/web"),
        ] {
            let names = ["elsewhere.example/web@" + other, "team/other@" + other, "\(name)@\(digest)"]
            #expect(ImageReference(written)?.digest(among: names) == digest, "\(written)")
        }
        #expect(ImageReference("web")?.digest(among: ["a.example/web@" + digest, "team/web@" + digest]) == nil)
    }

    @Test func addresses() {
        for text in [
            "unix:///run/docker.sock", "tcp://127.0.0.1:2375", "tcp://[::1]:2376", "ssh://root@host.example",
            "ssh://host:2222", "ssh://jo@corp@[fd00::5]:22", "ssh://me@host/run/user/1/podman.sock",
        ] { #expect(EngineAddress(text)?.description == text) }
        #expect(
            EngineAddress("ssh://me@host/run/user/1/podman.sock")
                == .ssh(SSHHop(user: "me", host: "host", port: nil), socket: "/run/user/1/podman.sock"))
        for text in [
            "", "/run/docker.sock", "unix://run", "tcp://host", "tcp://host:0", "ssh://-oProxyCommand=x", "ssh://a b",
            "ssh://-l@host", "ssh://host/a:b", "http://host", "tcp://:1", "ssh://", "ssh://@host", "ssh://::1",
            "ssh://host:0", "tcp://-h:1", "tcp://.h:1",
            "tcp://[::1%eth0]:1", "tcp://a/b:1", "ssh://ho%65st",
        ] { #expect(EngineAddress(text) == nil, "\(text)") }
    }

    @Test func publishedPortsAreAtTheEnginesHost() {
        for (engine, published, place) in [
            ("unix:///run/docker.sock", "0.0.0.0", "127.0.0.1"), ("unix:///run/docker.sock", "127.0.0.1", "127.0.0.1"),
            ("unix:///run/docker.sock", "::1", "[::1]"), ("tcp://127.0.0.1:1", "127.0.0.1", "127.0.0.1"),
            ("tcp://far.example:2376", "0.0.0.0", "far.example"), ("tcp://far.example:2376", "::", "far.example"),
            ("tcp://far.example:2376", "127.0.0.1", nil), ("tcp://far.example:2376", "10.0.0.5", "10.0.0.5"),
            ("ssh://me@far:22", "0.0.0.0", "far"), ("ssh://far", "::1", nil),
            ("ssh://localhost", "127.0.0.1", "127.0.0.1"),
            ("tcp://[fd00::5]:2376", "0.0.0.0", "[fd00::5]"), ("tcp://far.example:2376", "fd00::7", "[fd00::7]"),
        ] as [(String, String, String?)] {
            #expect(EngineAddress(engine)?.place(ofPublished: published) == place, "\(engine) \(published)")
        }
    }

    @Test func twoWaysToWriteTheSameAreTheSame() {
        let short: Value = .map([
            "image": .string("web:1"), "ports": .list([.map(["container": .int(80)])]),
            "resources": .map(["cpu": .string("0.5"), "memory": .string("1Gi")]),
            "cap_drop": .list([.string("A"), .string("B")]),
        ])
        let long: Value = .map([
            "image": .string("web:1"), "pull": .string("always"), "timeout": .int(5000), "init": .bool(false),
            "ports": .list([
                .map(["container": .int(80), "address": .string("127.0.0.1"), "protocol": .string("tcp")])
            ]),
            "resources": .map(["cpu": .string("500m"), "memory": .string("1024Mi")]), "env": .map([:]),
            "mounts": .list([]), "cap_drop": .list([.string("B"), .string("A")]), "restart": .string("no"),
            "registry": .map(["username": .string("me")]), "files_at": .string("/x"),
        ])
        #expect(ContainerRuns.value(block: short, files: []) == ContainerRuns.value(block: long, files: []))
        for (key, value) in [
            ("image", .string("web:2")), ("env", .map(["A": .string("1")])), ("engine", .string("unix:///x")),
            ("resources", .map(["memory": .string("2Gi")])), ("ports", .list([])), ("stop_grace", .int(1)),
            ("healthcheck", .map(["disable": .bool(true)])), ("read_only", .bool(true)),
        ] as [(String, Value)] {
            let other = ContainerRuns.value(block: short.with(key, value), files: [])
            #expect(other != ContainerRuns.value(block: short, files: []), "\(key)")
        }
    }

    @Test func aLogIsTakenOutOfItsFrames() {
        let framed: [UInt8] =
            [1, 0, 0, 0, 0, 0, 0, 3] + Array("ab\n".utf8) + [2, 0, 0, 0, 0, 0, 0, 2] + Array("cd".utf8)
        #expect(LogText.plain(framed) == Array("ab\ncd".utf8))
        #expect(LogText.plain(Array("a line of a terminal\n".utf8)) == Array("a line of a terminal\n".utf8))
        #expect(LogText.plain([1, 0, 0, 0, 255, 255, 255, 255, 65]) == [65])
        #expect(LogText.plain([]) == [])
    }

    @Test func aPullTellsHowFarItIs() {
        var progress = PullProgress(image: "web:1")
        let lines = """
            {"status":"Pulling from web","id":"1"}
            {"status":"Pulling fs layer","progressDetail":{},"id":"aa"}
            {"status":"Pulling fs layer","progressDetail":{},"id":"bb"}
            {"status":"Downloading","progressDetail":{"current":5242880,"total":10485760},"progress":"[==]","id":"aa"}
            {"status":"Already exists","id":"bb"}
            not json

            """
        #expect(progress.take(Array(lines.utf8), at: 1000) == "pulling web:1: 1 of 2 layers, 5 of 10 MiB")
        #expect(progress.take(Array("{}\n".utf8), at: 1100) == nil)
        #expect(progress.failure == nil)
        _ = progress.take(
            Array(#"{"errorDetail":{"message":"x"},"error":"manifest unknown\u001b"}"#.utf8) + [10], at: 1200)
        #expect(progress.failure == "manifest unknown\u{1b}")
    }

    /// A secret that is cut in half, or shown with its control characters written out, would not be found any more.
    @Test func secretsAreHiddenBeforeAMessageIsCut() {
        let secret = "be\tgin-of-a-" + String(repeating: "s", count: 300) + "-end"
        let redactor = Redactor([Secret(Array(secret.utf8))])
        for padding in [0, 200, 395, 500, 16_300] {
            let message = String(repeating: "x", count: padding) + secret + " is no good"
            let json = Value.map(["message": .string(message)]).canonical
            let said = EngineMessage.text(of: Array(json.utf8))
            let error = EngineError(engine: "unix:///x", call: "create web-1", kind: .refused(400, said))
            let text = error.text(redactor)
            #expect(!text.contains("gin-of-a") && !text.contains("sss"), "\(padding): \(text)")
            #expect(text.count < 500)
            #expect(!text.contains("\t"))
        }
        #expect(error(saying: "a\u{1b}b").description == "create web-1: a\\u{1b}b")
    }

    private func error(saying message: String) -> EngineError {
        EngineError(engine: "unix:///x", call: "create web-1", kind: .refused(404, message))
    }
}
