import FoundationEssentials
import TestSupport
import Testing

@testable import Git

@Suite struct KnownHostsTests {
    private func address(_ text: String) throws -> SSHAddress { try #require(SSHAddress(host: text)) }

    /// The same lines and names, answered by us and by ssh-keygen.
    @Test(arguments: [
        ("host", "host"), ("host", "HOST"), ("HOST", "host"), ("a,host,b", "host"), ("*.example.com", "a.example.com"),
        ("*.example.com", "example.com"), ("h?st", "host"), ("h?st", "hoost"), ("*,!host", "host"),
        ("!host,*", "other"),
        ("[host]:22", "host"), ("[host]:2222", "host:2222"), ("[host]:*", "host:2222"), ("[*]:2222", "host:2222"),
        ("host", "other"), ("*", "host"), ("ho*t*", "hoooosts"), ("*a*b*", "xxaxxbx"), ("*a*b*", "xxbxxax"),
    ])
    func matchesAsOpenSSHDoes(_ pattern: String, _ name: String) async throws {
        try await TemporaryFolder.with { folder in
            let key = try await TestTool.sshKey("key", in: folder)
            let line = "\(pattern) \(key)\n"
            try Data(line.utf8).write(to: URL(filePath: folder + "/hosts"))
            let host = try address(name)
            let theirs = try? await TestTool.run("ssh-keygen", ["-F", host.hostName, "-f", "hosts"], in: folder)
            #expect(KnownHosts(line).mentions(host) == (theirs != nil))
        }
    }

    @Test func readsHashedNamesAndMarks() async throws {
        try await TemporaryFolder.with { folder in
            let key = try await TestTool.sshKey("key", in: folder)
            let other = try await TestTool.sshKey("other", type: "ecdsa", in: folder)
            func blob(_ key: String) throws -> [UInt8] {
                let text = try #require(key.split(separator: " ").last)
                return Array(try #require(Data(base64Encoded: String(text))))
            }
            try Data("host \(key)\n[host]:2222 \(other)\n".utf8).write(to: URL(filePath: folder + "/hosts"))
            try await TestTool.run("ssh-keygen", ["-H", "-f", "hosts"], in: folder)
            let hashed = try KnownHosts(files: [folder + "/hosts", folder + "/none"])
            #expect(hashed.verdict(on: try blob(key), of: try address("host")) == .known)
            #expect(hashed.verdict(on: try blob(other), of: try address("host:2222")) == .known)
            #expect(hashed.verdict(on: try blob(key), of: try address("host:2222")) == .otherTypes)
            #expect(hashed.verdict(on: try blob(key), of: try address("elsewhere")) == .unknown)
            // As ssh does, a host without its port stands for all its ports.
            #expect(hashed.verdict(on: try blob(key), of: try address("host:1")) == .known)

            let second = try await TestTool.sshKey("second", in: folder)
            let marked = KnownHosts(
                "# a comment\n\nhost \(key)\n@revoked host \(second)\n@cert-authority *.org \(key)\n@new x \(key)\nx\n")
            #expect(marked.verdict(on: try blob(second), of: try address("host")) == .revoked)
            #expect(marked.verdict(on: try blob(key), of: try address("host")) == .known)
            #expect(marked.verdict(on: try blob(other), of: try address("host")) == .otherTypes)
            #expect(marked.verdict(on: try blob(key), of: try address("a.org")) == .unknown)
            #expect(marked.hasAuthority(for: try address("a.org")))
            #expect(!marked.hasAuthority(for: try address("host")))
            #expect(!marked.mentions(try address("x")))
            #expect(KnownHosts("host \(second)").verdict(on: try blob(key), of: try address("host")) == .changed)
        }
    }
}
