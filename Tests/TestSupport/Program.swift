import Glibc

/// Programs that some tests need and that may be missing.
package enum Program {
    /// Where a program is; nil where it is not installed.
    package static func path(_ name: String) -> String? {
        ["/usr/local/sbin/", "/usr/sbin/", "/usr/local/bin/", "/usr/bin/"].map { $0 + name }
            .first { access($0, X_OK) == 0 }
    }
}
