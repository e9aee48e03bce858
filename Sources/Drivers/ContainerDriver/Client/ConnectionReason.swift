import AsyncHTTPClient
import Glibc
import Model
import NIOCore
import NIOPosix

/// Plain words for why there is no connection.
enum ConnectionReason {
    static func text(of error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            guard let first = error.connectionErrors.first else {
                return "the name '\(VisibleText.line(error.host, limit: 100))' cannot be resolved"
            }
            return text(of: first.error)
        case let error as IOError: return String(cString: strerror(error.errnoCode)).lowercased()
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            return "it closed the connection without an answer"
        default:
            let text = "\(error)"
            if text.contains("CERTIFICATE_VERIFY_FAILED") {
                return "its certificate is not valid here: name the authority that signed it as `tls.ca`"
            }
            if text.contains("ValidateHostname") { return "its certificate is for another name" }
            if text.contains("handshakeFailed") { return "the TLS handshake failed; does it speak TLS there?" }
            return VisibleText.line(text, limit: 200)
        }
    }

    /// Whether a kept connection was given up by the other side: asking once more is worth it.
    static func isGivenUp(_ error: any Error) -> Bool {
        if let error = error as? HTTPClientError { return error == .remoteConnectionClosed }
        if let error = error as? IOError { return [ECONNRESET, EPIPE].contains(error.errnoCode) }
        return false
    }
}
