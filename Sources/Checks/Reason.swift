import AsyncHTTPClient
import Glibc
import Model
import NIOCore
import NIOPosix

/// Plain words for why a connection failed.
package enum Reason {
    /// One sentence without a full stop. `timeout` is what the attempt was given.
    package static func text(of error: any Error, _ timeout: TimeSpan) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return text(of: first.error, timeout) }
            return "the name '\(VisibleText.line(error.host, limit: 100))' cannot be resolved"
        case let error as IOError: return String(cString: strerror(error.errnoCode)).lowercased()
        case is ChannelError: return "no connection within \(timeout)"
        case let error as HTTPClientError where [.connectTimeout, .deadlineExceeded].contains(error):
            return "no answer within \(timeout)"
        case let error as HTTPClientError where error == .remoteConnectionClosed:
            return "the server closed the connection without an answer"
        default: return secure("\(error)") ?? VisibleText.line("\(error)", limit: 200)
        }
    }

    /// Why a connection could not be made secure; nil where it is not about that. The library's errors are only told apart
    /// by the names of BoringSSL that they contain.
    private static func secure(_ error: String) -> String? {
        if error.contains("CERTIFICATE_VERIFY_FAILED") {
            return
                "the server's certificate is not valid here: it expired, or no authority that this machine trusts signed "
                + "it (another authority is added with update-ca-certificates)"
        }
        if error.contains("failedToValidateHostname") || error.contains("unableToValidateHostname") {
            return "the server's certificate is for another name"
        }
        if error.contains("handshakeFailed") { return "the TLS handshake failed; does the server speak TLS there?" }
        return nil
    }
}
