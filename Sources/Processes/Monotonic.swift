import Glibc

/// The clock for deadlines: it never jumps.
package enum Monotonic {
    /// Milliseconds since some fixed point.
    package static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
