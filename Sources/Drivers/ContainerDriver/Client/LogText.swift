/// What a container said, as the API frames it: eight bytes, the stream and a length, before each piece.
enum LogText {
    /// Without the frames; what is not framed (a container with a terminal) stays as it is.
    static func plain(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var at = 0
        while at + 8 <= bytes.count {
            guard bytes[at] <= 2, bytes[at + 1] == 0, bytes[at + 2] == 0, bytes[at + 3] == 0 else {
                return at == 0 ? bytes : result
            }
            let length = bytes[(at + 4)..<(at + 8)].reduce(0) { $0 << 8 | Int($1) }
            let end = min(at + 8 + length, bytes.count)
            result += bytes[(at + 8)..<end]
            at = end
        }
        return at == 0 ? bytes : result
    }
}
