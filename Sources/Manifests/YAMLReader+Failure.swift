import CYaml
import Model

extension YAMLReader {
    /// What libyaml could not read, and where. Its texts are constants: nothing of the file is in them.
    static func failure(of parser: yaml_parser_t, in bytes: [UInt8]) -> Finding {
        let problem = parser.problem.map { String(cString: $0) } ?? "out of memory"
        if parser.error == YAML_READER_ERROR {
            return Finding(place: place(ofByte: parser.problem_offset, in: bytes), message: "not YAML: \(problem)")
        }
        let mark = parser.problem_mark
        let place = Place(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
        if problem.hasPrefix("Maximum nesting level") { return Finding(place: place, message: tooDeep) }
        var message = "not YAML: \(problem)"
        if let context = parser.context, parser.context_mark.line != mark.line {
            message += " \(String(cString: context)) of line \(parser.context_mark.line + 1)"
        }
        if startsWithTab(bytes, line: place.line) { message += "; indent with spaces, not with tabs" }
        return Finding(place: place, message: message)
    }

    private static func place(ofByte offset: Int, in bytes: [UInt8]) -> Place {
        var place = Place()
        for byte in bytes.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                place = Place(line: place.line + 1, column: 1)
            } else if byte & 0xC0 != 0x80 {
                place.column += 1
            }
        }
        return place
    }

    private static func startsWithTab(_ bytes: [UInt8], line: Int) -> Bool {
        var rest = bytes[...]
        for _ in 1..<max(1, line) {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return false }
            rest = rest[(end + 1)...]
        }
        let indent = rest.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return indent.contains(UInt8(ascii: "\t"))
    }
}
