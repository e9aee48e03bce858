import Glibc
import Model
import Processes
import Synchronization

/// The head of the newest HTTP response, of which the library tells nothing but the status.
///
/// A libgit2 that was built with the system's http_parser hands it every response through a call that arrives here first,
/// because a program's own symbols go before those of libraries. Where another parser is behind it, nobody calls, and how
/// long a server wants to be left alone is not known.
enum ResponseHead {
    fileprivate static let newest = Mutex<[UInt8]>([])
    private static let longest = 16 << 10

    /// To be called before a connection is made.
    static func forget() { newest.withLock { $0 = [] } }

    /// What `Retry-After` of the newest response says, from now on; nil where it says nothing that can be read.
    static func retryAfter() -> TimeSpan? {
        newest.withLock { RetryAfter.read(head: String(decoding: $0, as: UTF8.self), now: WallClock.now()) }
    }

    fileprivate static func see(_ bytes: UnsafeRawBufferPointer) {
        newest.withLock { head in
            if bytes.starts(with: "HTTP/".utf8) { head = [] }
            head.append(contentsOf: bytes.prefix(longest - head.count))
        }
    }
}

/// See `ResponseHead`. The name and the arguments are http_parser's, `size_t http_parser_execute(http_parser *parser, const
/// http_parser_settings *settings, const char *data, size_t len)`: how many bytes were parsed.
@_cdecl("http_parser_execute")
package func readResponseFirst(
    _ parser: UnsafeMutableRawPointer?, _ settings: UnsafeRawPointer?, _ data: UnsafeRawPointer?, _ count: Int
) -> Int {
    ResponseHead.see(UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : count))
    typealias Parse = @convention(c) (UnsafeMutableRawPointer?, UnsafeRawPointer?, UnsafeRawPointer?, Int) -> Int
    let next = UnsafeMutableRawPointer(bitPattern: -1)  // RTLD_NEXT: whoever has the symbol besides us.
    guard let real = dlsym(next, "http_parser_execute") else { return 0 }
    return unsafeBitCast(real, to: Parse.self)(parser, settings, data, count)
}
