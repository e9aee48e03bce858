import Glibc
import Synchronization

/// Where results and messages go: results on standard output, everything else on standard error.
struct Output: Sendable {
    /// For results.
    var style: Style
    var isQuiet: Bool
    var isVerbose: Bool
    /// Whether somebody watches standard error on a terminal.
    var showsProgress: Bool

    init(_ settings: Settings) {
        style = Style(isOn: settings.wantsColor && isatty(STDOUT_FILENO) == 1)
        isQuiet = settings.isQuiet
        isVerbose = settings.isVerbose
        showsProgress = !settings.isQuiet && (settings.isVerbose || isatty(STDERR_FILENO) == 1)
    }

    /// Prints a result; a line break is added where none is.
    func result(_ text: String) { Output.write(text, to: STDOUT_FILENO) }

    /// Tells something that is no result, on one line.
    func note(_ text: String) { Output.write("reconcile: " + text, to: STDERR_FILENO) }

    /// Why the last result could not be written whole; nil where it could, or where its reader went away.
    static var failure: String? {
        let code = lastError.withLock { $0 }
        return code == 0 || code == EPIPE
            ? nil : "standard output cannot be written (\(String(cString: strerror(code)))): the result is not complete"
    }

    private static let lastError = Mutex<Int32>(0)

    /// A reader that went away is no error of ours: the rest is dropped.
    static func write(_ text: String, to descriptor: Int32) {
        guard !text.isEmpty else { return }
        var bytes = Array(text.utf8)[...]
        if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
        var code: Int32 = 0
        while !bytes.isEmpty, code == 0 {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                bytes = bytes.dropFirst(count)
            } else if errno == EAGAIN {
                // Whoever shares it with us told it not to block.
                var line = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&line, 1, -1)
            } else if errno != EINTR {
                code = errno
            }
        }
        if descriptor == STDOUT_FILENO { lastError.withLock { [code] in $0 = code } }
    }
}
