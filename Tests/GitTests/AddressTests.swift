import Model
import Testing
import TestSupport

@testable import Git

@Suite struct AddressTests {
    private func refusal(_ text: String) -> SourceError? {
        do throws(SourceError) {
            _ = try RepositoryAddress(text)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "/srv/repo", "repo", "./a b", "file:///srv/repo", "file://localhost/srv", "git://host/x", "git://[::1]:9418/x",
        "http://host:80/x", "https://host/x.git", "HTTPS://host/x",
    ])
    func accepts(_ text: String) { #expect(refusal(text) == nil) }

    @Test(arguments: [
        "", "--upload-pack=x", "-x", "a\nb", "http://", "http:///x", "http://-oProxyCommand=x/", "git://:80/x",
        "ftp://host/x", "ext::sh -c x", "file://host/srv", "file:///a%00b", "file:///a%zz", "http://h/a b",
    ])
    func refuses(_ text: String) { #expect([.configuration, .unsupported].contains(refusal(text)?.code)) }

    @Test(arguments: ["ssh://git@host/x", "git@host:x.git", "host:x", "git+ssh://host/x"])
    func saysThatSSHIsNotThereYet(_ text: String) { #expect(refusal(text)?.code == .unsupported) }

    @Test func neverShowsCredentials() {
        let error = refusal("https://me:hunter2@host/x")
        #expect(error?.code == .configuration)
        #expect(error?.description.contains("hunter2") == false)
        #expect(error?.description.contains("host host") == true)
        #expect(refusal("ssh://me:hunter2@host/x")?.description.contains("hunter2") == false)
    }

    @Test(arguments: [
        ("/srv/repo", "repo"), ("/srv/repo/.git", "repo"), ("https://h/a/b.git", "b"), ("https://h/a/b.git/", "b"),
    ])
    func knowsTheRepositorysName(_ text: String, _ name: String) throws {
        #expect(try RepositoryAddress(text).name == name)
    }
}
