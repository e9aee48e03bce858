/// A question about something that runs: one request, one connection or one command.
package struct Check: Hashable, Sendable, Codable {
    /// What is asked.
    package enum Probe: Hashable, Sendable, Codable {
        /// GET an address; passes with the status `expect`, or with any of 200–399 where that is nil.
        case http(url: Text, expect: Int?)
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
        case .tcp(let address): "tcp \(address.shown)"
        case .command(let command): "command \(command.shown)"
        }
    }
}
