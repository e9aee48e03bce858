/// As `Proxy`, with the password read.
struct ProxySettings: Codable {
    var url: String
    var user: String?
    var password: String?

    /// With the credentials in it, as both transports take them.
    var address: String {
        guard let user, let range = url.firstRange(of: "://") else { return url }
        let credentials = ProxySettings.escaped(user) + ":" + ProxySettings.escaped(password ?? "")
        return url[..<range.upperBound] + credentials + "@" + url[range.upperBound...]
    }

    /// Everything but letters and digits as `%XX`.
    private static func escaped(_ text: String) -> String {
        text.utf8.reduce(into: "") { escaped, byte in
            let scalar = Unicode.Scalar(byte)
            if byte < 0x80, scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
                escaped.unicodeScalars.append(scalar)
            } else {
                escaped += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
