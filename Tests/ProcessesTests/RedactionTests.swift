import Model
import Processes
import Testing

@Suite struct RedactionTests {
    let box: Sandbox

    init() throws { box = try Sandbox() }

    @Test func secretsAreHiddenInBothOutputs() async {
        let result = await box.shell(
            "echo \"a $KEY b\"; echo \"$KEY$KEY\" >&2; echo ${#KEY}", secrets: ["KEY": Secret("hunter2!")])
        #expect(result.outputText == "a (secret) b\n8\n")
        #expect(result.errorText == "(secret)\n")
    }

    @Test func aSecretWrittenInTwoPiecesIsHidden() async {
        let script = "printf 'x%s' \"${KEY%%-*}\"; sleep 0.1; printf -- '-%sy' \"${KEY##*-}\""
        let result = await box.shell(script, secrets: ["KEY": Secret("first-second")])
        #expect(result.outputText == "x(secret)y")
    }

    @Test func noEdgeOfTheCapLetsAPieceOut() async {
        let value = "Sekret-0123456789-Value"
        for limit in [0, 1, 10, 60, 100, 128, 200, 500] {
            for padding in stride(from: 0, through: 60, by: 5) {
                let script =
                    "printf '%\(padding)s' ''; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do printf '%s..' \"$KEY\"; done"
                let result = await box.shell(script, secrets: ["KEY": Secret(value)], limit: limit)
                #expect(result.output.count <= limit)
                #expect(!contains(result.outputText, pieceOf: value), "limit \(limit), \(padding) before")
            }
        }
    }

    @Test func aKilledWriterLeavesNoPiece() async {
        let result = await withDeadlines {
            await box.shell(
                "printf 'x %s' \"${KEY%-*}\"; sleep 60", secrets: ["KEY": Secret("first-second")], timeout: $0)
        } until: {
            !$0.output.isEmpty
        }
        #expect(result.ending == .timedOut)
        #expect(result.outputText == "x (secret)")
    }

    @Test func overlappingSecretsAreHiddenWhole() {
        let redactor = Redactor([Secret("abcd"), Secret("cdef"), Secret("abc"), Secret("")])
        #expect(redactor.redact("1abcdef2abc3") == "1(secret)2(secret)3")
        #expect(redactor.redact("nothing") == "nothing")
    }

    @Test func theLinesOfAKeyAreHiddenOneByOne() {
        let redactor = Redactor([Secret("-----BEGIN KEY\nMIIBOgIBAAJB\nend\n")])
        #expect(redactor.redact("key: MIIBOgIBAAJB end") == "key: (secret) end")
    }

    @Test func reasonsAreRedactedToo() async {
        let command = Command("/nowhere/hunter2", secrets: ["KEY": Secret("hunter2")])
        #expect(!"\(await ProcessRunner().run(command).ending)".contains("hunter2"))
    }

    private func contains(_ text: String, pieceOf secret: String) -> Bool {
        let bytes = Array(secret.utf8)
        return (0...bytes.count - 4).contains { text.contains(String(decoding: bytes[$0..<$0 + 4], as: UTF8.self)) }
    }
}
