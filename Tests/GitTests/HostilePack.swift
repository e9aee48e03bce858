import FoundationEssentials
import Processes
import TestSupport

/// Packs, and what a server says around one, byte for byte.
enum HostilePack {
    /// The pack that a server would send of everything that HEAD needs.
    static func of(_ repository: TestRepository, folder: String) async throws -> [UInt8] {
        let name = try await repository.git(
            "pack-objects", "--quiet", "--revs", "--delta-base-offset", folder + "/sent", input: Array("HEAD\n".utf8))
        return [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/sent-\(name).pack")))
    }

    /// A git server's whole side of a conversation: what it has, then the pack.
    static func conversation(_ commit: String, _ pack: [UInt8]) -> [[[UInt8]]] {
        [[advertisement(commit), sent(pack)]]
    }

    /// The same over HTTP, where it takes two connections.
    static func httpConversation(_ commit: String, _ pack: [UInt8]) -> [[[UInt8]]] {
        let service = line(Array("# service=git-upload-pack\n".utf8)) + Array("0000".utf8)
        return [
            [http("application/x-git-upload-pack-advertisement", service + advertisement(commit))],
            [http("application/x-git-upload-pack-result", sent(pack))],
        ]
    }

    /// A pack of so many objects that are given whole: header, and content as zlib would write it without compressing.
    static func made(_ objects: [[UInt8]]) -> [UInt8] {
        Array("PACK".utf8) + [0, 0, 0, 2, 0, 0, 0, UInt8(objects.count)] + objects.joined()
            + [UInt8](repeating: 0, count: 20)
    }

    /// One object: kind 3 is a file; 7 is a delta, which begins with its base's id.
    static func object(kind: UInt8, says size: Int, base: [UInt8] = [], _ content: [UInt8]) -> [UInt8] {
        var header: [UInt8] = [kind << 4 | UInt8(size & 0x0F)]
        var rest = size >> 4
        while rest > 0 {
            header[header.count - 1] |= 0x80
            header.append(UInt8(rest & 0x7F))
            rest >>= 7
        }
        return header + base + zlib(content)
    }

    /// A number in groups of seven bits, as deltas have them.
    static func number(_ value: Int) -> [UInt8] {
        value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + number(value >> 7)
    }

    private static func zlib(_ content: [UInt8]) -> [UInt8] {
        var (low, high) = (UInt32(1), UInt32(0))
        for byte in content {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        let (count, sum) = (UInt16(content.count), high << 16 | low)
        let length = [UInt8(count & 0xFF), UInt8(count >> 8), UInt8(~count & 0xFF), UInt8(~count >> 8)]
        return [0x78, 0x01, 0x01] + length + content + [24, 16, 8, 0].map { UInt8(sum >> $0 & 0xFF) }
    }

    private static func advertisement(_ commit: String) -> [UInt8] {
        line(Array("\(commit) refs/heads/main\0side-band-64k ofs-delta\n".utf8)) + Array("0000".utf8)
    }

    private static func sent(_ pack: [UInt8]) -> [UInt8] {
        var sent = line(Array("NAK\n".utf8))
        var rest = pack[...]
        while !rest.isEmpty {
            sent += line([1] + rest.prefix(8000))
            rest = rest.dropFirst(8000)
        }
        return sent + Array("0000".utf8)
    }

    private static func line(_ bytes: [UInt8]) -> [UInt8] {
        let length = String(bytes.count + 4, radix: 16)
        return Array((String(repeating: "0", count: 4 - length.count) + length).utf8) + bytes
    }

    private static func http(_ type: String, _ body: [UInt8]) -> [UInt8] {
        Array(
            "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nConnection: close\r\nContent-Length: \(body.count)\r\n\r\n"
                .utf8)
            + body
    }
}
