import Glibc

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

    /// A reader that went away is no error of ours: the rest is dropped.
    static func write(_ text: String, to descriptor: Int32) {
        guard !text.isEmpty else { return }
        var bytes = Array(text.utf8)[...]
        if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
