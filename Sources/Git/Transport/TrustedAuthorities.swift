import CLibGit2
import Glibc
import Synchronization

/// The certificate authorities that this machine trusts, read when the first connection is made that may use them.
///
/// A libgit2 that was built with mbedTLS reads them whenever it starts, 5 ms of work in a process that lives for 20 and,
/// mostly, never speaks TLS. The call by which it does that arrives here instead, because a program's own symbols go
/// before those of libraries; it is made up for later. Where another TLS library is behind it, nobody calls. Should the
/// symbol ever not be found first, all is as it was without this file; should reading be left out, nobody is trusted.
enum TrustedAuthorities {
    fileprivate enum State {
        case untouched
        case putOff(path: String)
        case read
    }

    fileprivate static let state = Mutex(State.untouched)

    /// To be called before an http or https connection is made; `instead` is a file of those who are trusted in place of
    /// the machine's. Throws what the library says of a file that cannot be read.
    static func read(instead: String? = nil) throws(GitFailure) {
        LibGit.start()
        if let instead {
            state.withLock { $0 = .read }
            try LibGit.check(reconcile_git_set_authorities(instead))
            return
        }
        let path: String? = state.withLock { state in
            defer { state = .read }
            if case .putOff(let path) = state { return path }
            return nil
        }
        if let path { try LibGit.check(reconcile_git_set_authorities(path)) }
    }
}

/// See `TrustedAuthorities`. The name and the arguments are mbedTLS's, `int mbedtls_x509_crt_parse_file(mbedtls_x509_crt
/// *chain, const char *path)`: 0 for a file that was read, and negative for one that was not.
@_cdecl("mbedtls_x509_crt_parse_file")
package func readAuthoritiesLater(_ chain: UnsafeMutableRawPointer?, _ path: UnsafePointer<CChar>?) -> Int32 {
    let isPutOff = TrustedAuthorities.state.withLock { state in
        if case .read = state { return false }
        state = path.map { .putOff(path: String(cString: $0)) } ?? .untouched
        return true
    }
    if isPutOff { return 0 }
    typealias Parse = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> Int32
    let next = UnsafeMutableRawPointer(bitPattern: -1)  // RTLD_NEXT: whoever has the symbol besides us.
    guard let real = dlsym(next, "mbedtls_x509_crt_parse_file") else { return -1 }
    return unsafeBitCast(real, to: Parse.self)(chain, path)
}
