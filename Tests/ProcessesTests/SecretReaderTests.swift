import Glibc
import Model
import Processes
import Testing

@Suite struct SecretReaderTests {
    let box: Sandbox

    init() throws { box = try Sandbox() }

    private func read(_ name: String) throws -> [UInt8] {
        try SecretReader.read(.file("\(box.path)/\(name)")).withBytes { $0 }
    }

    @Test func oneTrailingNewlineIsDropped() throws {
        try box.write("key", Array("value\n\n".utf8))
        #expect(try read("key") == Array("value\n".utf8))
        try box.write("raw", [0xFF, 0xFE])
        #expect(try read("raw") == [0xFF, 0xFE])
        try box.write("full", [UInt8](repeating: 65, count: 65_536))
        #expect(try read("full").count == 65_536)
    }

    @Test func variablesAreRead() throws {
        // One that is there anyway: setting variables in a process of many threads is not safe.
        let path = try #require(getenv("PATH"))
        let secret = try SecretReader.read(.environment("PATH"))
        #expect(secret.withBytes { $0 } == Array(String(cString: path).utf8))
        #expect("\(secret)" == "(secret)")
    }

    @Test func whatCannotBeReadNamesThePlace() throws {
        try box.write("long", [UInt8](repeating: 65, count: 65_537))
        try box.write("nul", Array("a\0canary".utf8))
        mkfifo("\(box.path)/pipe", 0o600)
        for (name, reason) in [
            ("long", "64 KiB"), ("nul", "NUL"), ("pipe", "regular"), ("missing", "No such file"), (".", "regular"),
        ] {
            let error = #expect(throws: SecretError.self) { try read(name) }
            let text = error?.description ?? ""
            #expect(
                text.contains(reason) && text.contains("\(box.path)/\(name)") && !text.contains("canary"), "\(text)")
        }
        #expect(throws: SecretError.self) { try SecretReader.read(.file("etc/passwd")) }
        #expect(throws: SecretError.self) { try SecretReader.read(.environment("NO_SUCH_VARIABLE")) }
    }
}
