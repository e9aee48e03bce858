import Glibc

/// The binary under test.
package enum TestBinary {
    /// Its absolute path: what `RECONCILE_BINARY` says, else `reconcile` beside the test executable.
    package static var path: String {
        if let named = getenv("RECONCILE_BINARY") { return String(cString: named) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { path in
                path.baseAddress.map { readlink("/proc/self/exe", $0, path.count) } ?? 0
            }
        }
        let executable = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        return executable.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/reconcile"
    }
}
