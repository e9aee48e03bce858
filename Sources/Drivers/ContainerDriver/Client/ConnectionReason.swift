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

    /// Whether a connection that was there broke, perhaps a kept one that the other side gave up: asking once more is
    /// worth it. Where none could be made it is not.
    static func isGivenUp(_ error: any Error) -> Bool {
        switch error {
        case is NIOConnectionError: false
        case let error as IOError: [ECONNRESET, EPIPE].contains(error.errnoCode)
        case let error as HTTPClientError: error == .remoteConnectionClosed
        default: error is ChannelError || "\(type(of: error))".contains("HTTPParser")
        }
    }
}
