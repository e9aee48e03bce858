import Model
import Processes

/// Writes a message for a plugin as bytes, the values of secrets among them: they never become a string.
struct MessageWriter {
    private let secrets: [SecretReference: Secret]
    private var bytes: [UInt8] = []

    private init(secrets: [SecretReference: Secret]) { self.secrets = secrets }

    /// The message as one line, its line break with it. Every secret that it names must be given.
    static func line(_ message: Value, as form: PluginHello.Form, secrets: [SecretReference: Secret] = [:]) -> [UInt8] {
        var writer = MessageWriter(secrets: secrets)
        switch form {
        case .json: writer.json(message)
        case .words: writer.words(message, key: [])
        }
        return writer.bytes + [10]
    }

    private mutating func json(_ value: Value) {
        switch value {
        case .null, .bool, .int: bytes += value.canonical.utf8
        case .string(let text): quote(text.utf8)
        case .secret(let reference): secrets[reference]?.withBytes { quote($0) }
        case .list(let items):
            bytes.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                json(item)
            }
            bytes.append(UInt8(ascii: "]"))
        case .map(let entries):
            bytes.append(UInt8(ascii: "{"))
            for (index, entry) in entries.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                quote(entry.key.utf8)
                bytes.append(UInt8(ascii: ":"))
                json(entry.value)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private mutating func quote(_ text: some Sequence<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: bytes += Array("\\u00".utf8) + [digit(byte >> 4), digit(byte & 15)]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// `KEY=VALUE` for each value that holds no others, keys joined by dots, items numbered from 0.
    private mutating func words(_ value: Value, key: [UInt8]) {
        let start = key.isEmpty ? key : key + [UInt8(ascii: ".")]
        switch value {
        case .null, .bool, .int: word(key, Array(value.canonical.utf8))
        case .string(let text): word(key, Array(text.utf8))
        case .secret(let reference): secrets[reference]?.withBytes { word(key, $0) }
        case .list(let items):
            for (index, item) in items.enumerated() { words(item, key: start + Array(String(index).utf8)) }
        case .map(let entries):
            for entry in entries.sorted(by: { $0.key < $1.key }) {
                words(entry.value, key: start + MessageWriter.escaped(Array(entry.key.utf8)))
            }
        }
    }

    private mutating func word(_ key: [UInt8], _ value: [UInt8]) {
        if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
        bytes += key
        bytes.append(UInt8(ascii: "="))
        bytes += MessageWriter.escaped(value)
    }

    /// As `printf %b` reads it: whatever a shell might act on is written `\0NNN`, in octal.
    private static func escaped(_ text: [UInt8]) -> [UInt8] {
        text.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                [byte]
            case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: ":"),
                UInt8(ascii: ","), UInt8(ascii: "+"), UInt8(ascii: "@"):
                [byte]
            default:
                [UInt8(ascii: "\\"), UInt8(ascii: "0")] + [byte >> 6, byte >> 3 & 7, byte & 7].map { 0x30 + $0 }
            }
        }
    }

    private func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}
