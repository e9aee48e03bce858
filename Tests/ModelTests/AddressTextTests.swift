import Model
import Testing

/// Hosts with ports, and what is written as `%XX`.
@Suite struct AddressTextTests {
    @Test func hostsAndPorts() {
        for (text, host, port) in [
            ("a.example:80", "a.example", 80), ("127.0.0.1:65535", "127.0.0.1", 65_535), ("[::1]:8080", "::1", 8080),
        ] {
            #expect(HostPort(text)?.host == host && HostPort(text)?.port == port, "\(text)")
        }
        for text in ["", "a", ":80", "a:", "a:0", "a:65536", "a:-1", "::1:80", "[]:80", "a: 1"] {
            #expect(HostPort(text) == nil, "\(text)")
        }
    }

    @Test func bytesArePercents() {
        #expect(PercentEncoding.encode("a-B_9.~") == "a-B_9.~")
        #expect(PercentEncoding.encode("/run/x y\n") == "%2Frun%2Fx%20y%0A")
        #expect(PercentEncoding.encode("/a:b", keeping: "/") == "/a%3Ab")
        #expect(PercentEncoding.encode("ü-", keeping: "") == "%C3%BC%2D")
    }
}
