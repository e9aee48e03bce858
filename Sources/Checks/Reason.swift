import AsyncHTTPClient
import Glibc
import Model
import NIOCore
import NIOPosix

/// Plain words for why a connection failed.
enum Reason {
    static func text(of error: any Error, _ timeout: TimeSpan) -> String {
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
        default: return VisibleText.line("\(error)", limit: 200)
        }
    }
}
