import Model

/// As `Proxy`, with the password read.
struct ProxySettings: Codable {
    var url: String
    var user: String?
    var password: String?

    /// With the credentials in it, as both transports take them.
    var address: String {
        guard let user, let range = url.firstRange(of: "://") else { return url }
        let credentials = [user, password ?? ""].map { PercentEncoding.encode($0, keeping: "") }.joined(separator: ":")
        return url[..<range.upperBound] + credentials + "@" + url[range.upperBound...]
    }
}
