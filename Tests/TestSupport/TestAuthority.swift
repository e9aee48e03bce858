/// A certificate authority of a test's own.
package struct TestAuthority: Sendable {
    /// Where its files are.
    package let folder: String

    /// What clients trust.
    package var certificate: String { folder + "/ca.pem" }

    /// Makes one, with certificates that it signed, each with a key: `server` for `localhost` and 127.0.0.1, `expired` for
    /// the same names and a day too old, and `client`.
    package static func make(in folder: String) async throws -> TestAuthority {
        let script = """
            set -e
            new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
            openssl req -x509 $new -days 2 -subj /CN=authority -keyout ca.key -out ca.pem
            echo subjectAltName=DNS:localhost,IP:127.0.0.1 >names
            sign() {
                openssl req $new -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
                openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -set_serial "$2" -days "$3" -extfile names -out "$1.pem"
            }
            sign server 1 2
            sign expired 2 -1
            sign client 3 2
            """
        try await TestTool.run("/bin/sh", ["-c", script], in: folder)
        return TestAuthority(folder: folder)
    }
}
