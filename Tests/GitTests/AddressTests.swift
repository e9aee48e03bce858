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
        "http://host:80/x", "https://host/x.git", "HTTPS://host/x", "ssh://git@host/x", "ssh://host:2222/a/b.git",
        "git@host:x.git", "host:x", "git+ssh://host/x", "ssh://me@[::1]:22/x", "me@[::1]:a/b", "ssh://h/~me/x", "h:~/x",
        "git@h:v3/a/My%20Project/x", "ssh://h/%C3%BC",
    ])
    func accepts(_ text: String) { #expect(refusal(text) == nil) }

    @Test(arguments: [
        "", "--upload-pack=x", "-x", "a\nb", "http://", "http:///x", "http://-oProxyCommand=x/", "git://:80/x",
        "ftp://host/x", "ext::sh -c x", "file://host/srv", "file:///a%00b", "file:///a%zz", "http://h/a b",
        "ssh://-oProxyCommand=x/y", "ssh://-oProxyCommand=x@h/y", "ssh://h", "ssh://h/", "ssh:///x", "ssh://h:0/x",
        "ssh://h:99999/x", "ssh://h:x/y", "ssh://h/a b", "ssh://h/a'b", "ssh://h/$(x)", "ssh://h/a%27b", "h:a%5cb",
        "h:a%0ab", "h:a%", "h:a%2", "h:a%+1", "h:%24x", "h:-x", "-h:x",
        "git@-h:x", "-g@h:x", "h:", "h: x", "ext::sh", "a b:c", "git@h:a\"b", "g;x@h:y", "ssh://a@b@h/x", "[::1:x",
    ])
    func refuses(_ text: String) { #expect([.configuration, .unsupported].contains(refusal(text)?.code)) }

    @Test func writesWhatATransportTakes() throws {
        func url(_ text: String) throws -> String { try RepositoryAddress(text).url(user: "me") }
        #expect(try url("ssh://git@host:2222/a") == "ssh://me@host:2222/a")
        #expect(try url("git+ssh://host:22/a") == "ssh://me@host/a")
        #expect(try url("git@host:a/b") == "me@host:a/b")
        #expect(try url("[::1]:a") == "me@[::1]:a")
        #expect(try RepositoryAddress("https://h:8443/x").webHost == "h:8443")
    }

    @Test func neverShowsCredentials() {
        let error = refusal("https://me:hunter2@host/x")
        #expect(error?.code == .configuration)
        #expect(error?.description.contains("hunter2") == false)
        #expect(error?.description.contains("host host") == true)
        #expect(refusal("ssh://me:hunter2@host/x")?.description.contains("hunter2") == false)
    }

    @Test(arguments: [
        ("/srv/repo", "repo"), ("/srv/repo/.git", "repo"), ("https://h/a/b.git", "b"), ("https://h/a/b.git/", "b"),
        ("git@h:b.git", "b"), ("git@h:a/b", "b"), ("ssh://h:22/b.git", "b"),
    ])
    func knowsTheRepositorysName(_ text: String, _ name: String) throws {
        #expect(try RepositoryAddress(text).name == name)
    }
}
