/// A question about something that runs: one request, one connection or one command.
package struct Check: Hashable, Sendable, Codable {
    /// What is asked.
    package enum Probe: Hashable, Sendable, Codable {
        /// GET an address; passes with the status `expect`, or with any of 200–399 where that is nil.
        case http(url: Text, expect: Int?)
        /// The same at a port as the instance that is asked names it, wherever that is reached.
        case port(Int, path: String, expect: Int?)
        /// Open a connection to `host:port`.
        case tcp(address: Text)
        /// Run by `/bin/sh -c`; passes with exit 0.
        case command(Text)
    }

    /// What is asked.
    package var probe: Probe
    /// How long one answer may take.
    package var timeout: TimeSpan
    /// The pause between two asks, where it is asked repeatedly.
    package var interval: TimeSpan

    /// All parts; the defaults are those of the manifest.
    package init(_ probe: Probe, timeout: TimeSpan = .seconds(10), interval: TimeSpan = .seconds(1)) {
        self.probe = probe
        self.timeout = timeout
        self.interval = interval
    }

    /// `http http://…`, `tcp host:port`, `command ./smoke.sh`: for people, secrets not shown.
    package var text: String {
        switch probe {
        case .http(let url, let expect): "http \(url.shown)" + (expect.map { " expects \($0)" } ?? "")
        case .port: resolved(at: nil).text
        case .tcp(let address): "tcp \(address.shown)"
        case .command(let command): "command \(command.shown)"
        }
    }

    /// With the address of the instance's port in the place of the port; `address` is nil where nobody knows a better one
    /// than this machine's.
    package func resolved(at address: String?) -> Check {
        guard case .port(let port, let path, let expect) = probe else { return self }
        let url = "http://\(address ?? "127.0.0.1:\(port)")\(path)"
        return Check(.http(url: .plain(url), expect: expect), timeout: timeout, interval: interval)
    }
}
