import Model
import Testing

/// Hosts as ssh is told them, and what is none.
@Suite struct SSHHopTests {
    @Test(
        arguments: [
            ("bastion", nil, "bastion", nil), ("ops@bastion.example:2222", "ops", "bastion.example", 2222),
            ("10.0.0.1:65535", nil, "10.0.0.1", 65_535), ("[::1]", nil, "::1", nil),
            ("a@[fe80::1%eth0]:22", "a", "fe80::1%eth0", 22),
            ("[bastion]:22", nil, "bastion", 22), ("jo@corp.example@gate", "jo@corp.example", "gate", nil),
            ("_x.+-y@_h", "_x.+-y", "_h", nil), ("h:022", nil, "h", 22),
        ] as [(String, String?, String, Int?)])
    func partsOfAText(_ text: String, _ user: String?, _ host: String, _ port: Int?) throws {
        let hop = try #require(SSHHop(text))
        #expect(hop == SSHHop(user: user, host: host, port: port) && hop.isPlain)
        #expect(SSHHop(hop.description) == hop)
    }

    @Test(arguments: [
        "", "@", "u@", "@h", ":22", "u@:22", "h:", "h:0", "h:65536", "h:-1", "h:x", "h:22:22", "h: 22", "::1",
        "fe80::1", "[]",
        "[]:22", "[::1", "[::1]22", "[::1]x:22", "::1]", "a]b", "a[b", "-h", "-oProxyCommand=x", "-u@h", "u@-h", "[-h]",
        " h", "h ", "a b",
        "\th", "h\n", "h\u{0}", "h\u{7F}", "h\u{9B}", "u\n@h", "u\u{0}@h",
    ])
    func textsOfNone(_ text: String) {
        #expect(SSHHop(text) == nil)
        #expect(SSHHop.way("first,\(text)") == nil)
    }

    /// What ssh's own configuration may name and a manifest may not.
    @Test(arguments: [
        "user@@h", "@@h", "a@-b@h", "a b@h", "CORP\\jo@h", "jö@h", "höst", "a;b", "a$b", "a'b", "a/b", "ssh://h",
        "u~@h",
        String(repeating: "h", count: 254), String(repeating: "u", count: 65) + "@h",
    ])
    func textsThatAreNotPlain(_ text: String) {
        #expect(SSHHop(text)?.isPlain != true)
    }

    @Test func ways() {
        #expect(SSHHop.way("a,u@b:1,[::1]:2")?.map(\.description) == ["a", "u@b:1", "[::1]:2"])
        for text in ["", ",", "a,", ",a", "a,,b", "a, b"] { #expect(SSHHop.way(text) == nil, "\(text)") }
    }

    @Test func argumentsOfSSH() {
        #expect(SSHHop("u@[::1]:22")?.arguments == ["-l", "u", "-p", "22", "--", "::1"])
        #expect(SSHHop("h")?.arguments == ["--", "h"])
    }
}
