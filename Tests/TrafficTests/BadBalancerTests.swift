import Model
import Processes
import TestSupport
import Testing

@testable import Traffic

/// What listens where a balancer should be may be gone, silent, or something else.
@Suite(.fewAtOnce) struct BadBalancerTests {
    private func haproxy(_ socket: String) -> Value {
        .map(["haproxy": .map(["socket": .string(socket), "backend": .string("web")])])
    }

    private func caddy(_ admin: String) -> Value {
        .map(["caddy": .map(["admin": .string(admin), "id": .string("web")])])
    }

    private func failure(_ traffic: Value, within timeout: TimeSpan = .seconds(30)) async -> String {
        let router = Router(
            Balancers(runner: ProcessRunner(), timeout: timeout, patience: TimeSpan(milliseconds: 300)))
        let routing = Bench.whole(old: 1...1, 100, new: nil, 0, traffic: traffic)
        let seen = await router.observe(routing, of: "web", addresses: ["web-1": "127.0.0.1:9"])
        let report = await router.shift(routing, of: "web", addresses: ["web-1": "127.0.0.1:9"])
        #expect(seen.unknown != nil && !seen.isAsWanted)
        return report.failure ?? "done"
    }

    @Test func aBalancerThatIsGoneIsUnknown() async throws {
        try await TestServer.withRefusingPort { port in
            #expect(await failure(haproxy("127.0.0.1:\(port)")).contains("cannot be reached: connection refused"))
            #expect(await failure(caddy("http://127.0.0.1:\(port)")).contains("cannot be reached: connection refused"))
        }
        #expect(await failure(haproxy("/nonexistent/admin.sock")).contains("no such file or directory"))
        #expect(await failure(caddy("/nonexistent/caddy.sock")).contains("cannot be reached"))
        let nginx: Value = .map([
            "nginx": .map(["upstream": .string("web"), "upstream_file": .string("/nonexistent/web.conf")])
        ])
        #expect(await failure(nginx).contains("/nonexistent/web.conf is not there"))
    }

    @Test func silenceAndNoiseEnd() async throws {
        let huge = [UInt8](repeating: 97, count: 9_000_000)
        let endless = Array("HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\n\r\n".utf8) + huge
        let cases: [(HostileServer.Manner, haproxy: String, caddy: String)] = [
            (.silent, "gave no answer within 300ms", "gave no answer within 300ms"),
            (.stalling(Array("1\n# be_id".utf8)), "gave no answer within 300ms", ""),
            (.closing, "", "cannot be reached"),
            (.answering(Array("hello \u{1B}[31m\n\n".utf8)), "is not HAProxy's runtime API: hello \\u{1b}[31m", ""),
            (
                .answering(Array("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[[".utf8)), "",
                "is not Caddy's admin API: [["
            ),
            (.answering(Array("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]".utf8)), "", "is no `reverse_proxy`"),
            (.answering(huge), "answers without end", ""), (.answering(endless), "", "answers without end"),
        ]
        for (manner, haproxy, caddy) in cases {
            try await HostileServer.run(manner) { server in
                let isSilent = haproxy.contains("300ms")
                let timeout = isSilent ? TimeSpan(milliseconds: 300) : .seconds(30)
                let first = await failure(self.haproxy("127.0.0.1:\(server.port)"), within: timeout)
                let second = await failure(self.caddy("http://127.0.0.1:\(server.port)"), within: timeout)
                #expect(first != "done" && (haproxy.isEmpty || first.contains(haproxy)), "\(first)")
                #expect(second != "done" && (caddy.isEmpty || second.contains(caddy)), "\(second)")
                #expect(first.utf8.count < 1000 && second.utf8.count < 1000)
            }
        }
    }

    @Test func halfATableIsNoTable() {
        let head = "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_port\n"
        #expect(HAProxyRow.all(in: head + "3 web 1 web-1 127.0.0.1 2 0 1 80\n") == nil)
        #expect(HAProxyRow.all(in: head + "3 web 1 web-1 127.0.0.1 2 0 1 80\n\n")?.map(\.address) == ["127.0.0.1:80"])
        #expect(HAProxyRow.all(in: head + "3 web 1 web-1 ::1 2 0 x 80\nx\n# pxname,scur\nweb,\n\n")?.count == 0)
    }

    @Test func namesThatCouldMeanMoreAreRefused() {
        let bad: [Value] = [
            .map(["haproxy": .map(["socket": .string("x"), "backend": .string("web")])]),
            .map(["haproxy": .map(["socket": .string("/x"), "backend": .string("web\nshow info")])]),
            .map(["nginx": .map(["upstream": .string("web; }"), "upstream_file": .string("/x")])]),
            .map(["nginx": .map(["upstream": .string("web"), "upstream_file": .string("x")])]),
            .map(["caddy": .map(["admin": .string("https://x/y"), "id": .string("web")])]),
            .map(["caddy": .map(["id": .string("../config")])]),
        ]
        for traffic in bad {
            #expect(throws: TrafficError.self) {
                try Balancers(runner: ProcessRunner()).balancer(for: traffic)
            }
        }
        let matches: [Value] = [
            .map(["header": .map(["name": .string("X Y"), "value": .string("v")])]),
            .map(["cookie": .map(["name": .string("a b"), "value": .string("v")])]),
            .map(["header": .map(["name": .string("X"), "value": .string("v\"; }")])]), .map([:]),
        ]
        for match in matches {
            #expect(throws: TrafficError.self) { try Match(match) }
        }
    }
}
