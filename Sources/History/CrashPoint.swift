#if DEBUG
    import Glibc

    /// For crash tests only: `RECONCILE_CRASH_AT=before:3` kills this process just before the third transaction of the
    /// journal is committed, `after:3` just after.
    enum CrashPoint {
        private static let wanted = getenv("RECONCILE_CRASH_AT").map { String(cString: $0) }

        static func reach(_ place: String, transaction: Int) {
            if let wanted, wanted == "\(place):\(transaction)" { kill(getpid(), SIGKILL) }
        }
    }
#endif
