import Model

/// What a host answered to one request.
struct Answer: Sendable {
    /// One line of it.
    enum Line: Sendable {
        /// Of our own script: a word that says what it is, and the rest.
        case said(String, [UInt8])
        /// Of a program that the script ran.
        case raw([UInt8])
    }

    var lines: [Line] = []
    /// What came on standard error meanwhile.
    var remarks: [String] = []
    var duration = TimeSpan.zero

    /// Adds a line that began with the mark, without it.
    mutating func say(_ bytes: ArraySlice<UInt8>) {
        let word = bytes.prefix { $0 != 32 }
        lines.append(.said(String(decoding: word, as: UTF8.self), Array(bytes.dropFirst(word.count + 1))))
    }
}
