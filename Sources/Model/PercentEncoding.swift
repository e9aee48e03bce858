/// Bytes of a text written as `%XX`.
package enum PercentEncoding {
    /// Everything but letters, digits and the bytes of `kept`.
    package static func encode(_ text: String, keeping kept: String = "-._~") -> String {
        let hex = Array("0123456789ABCDEF".unicodeScalars)
        var result = String.UnicodeScalarView()
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: result.append(Unicode.Scalar(byte))
            case _ where kept.utf8.contains(byte): result.append(Unicode.Scalar(byte))
            default: result.append(contentsOf: ["%", hex[Int(byte >> 4)], hex[Int(byte & 15)]])
            }
        }
        return String(result)
    }
}
