/// Whom we believe over https, and who we say we are. All are paths of PEM files.
package struct TLSAccess: Hashable, Sendable, Codable {
    /// The authorities that are trusted instead of the machine's.
    package var authorities: String?
    /// Our own certificate, for servers that ask for one.
    package var certificate: String?
    /// The certificate's private key; nil where the certificate's file holds it.
    package var key: String?

    /// All parts.
    package init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
    }
}
