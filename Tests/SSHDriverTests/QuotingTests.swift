import Model
import Processes
import TestSupport
import Testing

@testable import SSHDriver

@Suite struct QuotingTests {
    private static let shells = [["dash"], ["bash"], ["bash", "--posix"], ["busybox", "sh"]]

    private static let pieces: [[UInt8]] =
        [
            "'", "\"", "$", "`", "\\", "\n", "\r", "\t", " ", "*", "?", "[a", "~", "#", "!", "&", ";", "|", "<", ">",
            "(", ")",
            "{", "}", "$(touch x)", "${HOME}", "`id`", "\\'", "'\\''", "''", "\\n", "%s", "-n", "--", "é", "日本", "EOF",
            "\u{1}",
            "\u{7f}", "=", "a", "0",
        ].map { Array($0.utf8) } + [[0x80], [0x81], [0x82], [0x88], [0xC3], [0xFF], [0xFE, 0xFF], [0x5C, 0x27]]

    /// What a value holds comes out of each shell as it went in, whatever the locale.
    @Test(arguments: shells, ["C", "C.UTF-8"]) func everyValueStaysAValue(_ shell: [String], _ locale: String)
        async throws
    {
        var random = Seeded(seed: 20_261_128)
        var values: [[UInt8]] = Self.pieces
        for _ in 0..<1500 {
            let count = Int.random(in: 0...12, using: &random)
            values.append((0..<count).flatMap { _ in Self.pieces.randomElement(using: &random) ?? [] })
        }
        for _ in 0..<300 {
            values.append(
                (0..<Int.random(in: 1...40, using: &random)).map { _ in UInt8.random(in: 1...255, using: &random) })
        }
        var code = ShellCode()
        for value in values { code.line("printf '%s\\000' \(value)") }
        // As the loop does it: the script is read into a variable and evaluated.
        let script = code.bytes + Array("\n#end".utf8)
        let result = await ProcessRunner().run(
            Command(
                shell[0],
                Array(shell.dropFirst()) + [
                    "-c", #"s=$(dd bs="$1" count=1 iflag=fullblock 2>/dev/null); eval "$s""#, "sh",
                    String(script.count),
                ],
                environment: ["PATH": "/usr/bin:/bin", "LC_ALL": locale], input: script, timeout: .seconds(60),
                outputLimit: 1 << 22))
        #expect(result.succeeded, "\(String(decoding: result.errors, as: UTF8.self).prefix(300))")
        let came = result.output.split(separator: 0, omittingEmptySubsequences: false).dropLast().map(Array.init)
        #expect(came.count == values.count)
        for (value, back) in zip(values, came) where value != back { Issue.record("\(value) became \(back)"); break }
    }

    @Test func aNULIsRefused() {
        let code: ShellCode = "printf %s \("a\0b")"
        #expect(code.holdsNUL)
        var all = ShellCode()
        all.line(code)
        #expect(all.holdsNUL)
        let outer: ShellCode = "x \(code: all)"
        #expect(outer.holdsNUL)
    }

    @Test func whatIsNotKnownIsNoEmptyText() throws {
        let expansion = Expansion(variables: ["A": .plain("one"), "B_2": .plain("{{ A }}")])
        func text(_ template: String) throws -> String {
            String(decoding: try expansion.expand(Array(template.utf8), in: "t").bytes, as: UTF8.self)
        }
        #expect(try text("x {{ A }}{{B_2}} y") == "x one{{ A }} y")
        #expect(try text("{{{{ A }} and }} { {") == "{{ A }} and }} { {")
        for bad in ["{{ C }}", "{{ a b }}", "{{ }}", "{{ A", "{{ .A }}", "{{ A\n}}", "{{"] {
            #expect(throws: (any Error).self, "\(bad)") { try text(bad) }
        }
        #expect(Expansion.names(in: "{{ A }}/{{B}}") == ["A", "B"])
    }
}

@Suite struct BlockRulesTests {
    /// A unit's file may stand in `files` or in `units`: moving it there or back removes nothing.
    @Test func whatOnlyTheVersionBeforeHas() {
        let content = Content(origin: nil, size: 1, sum: "", holdsNUL: false)
        let bare = WantedUnit(name: "a.service", restartOn: [], reloadOn: [])
        var own = bare
        own.content = content
        let file = WantedFile(path: own.path, kind: .file(content))
        let byUnit = Wanted(digest: "1", units: [own])
        let byFile = Wanted(digest: "2", files: [file], units: [bare])
        let onlyFile = Wanted(digest: "3", files: [file])
        for (old, new) in [(byUnit, byFile), (byFile, byUnit), (byUnit, onlyFile), (onlyFile, byUnit)] {
            let rest = old.without(new)
            #expect(rest.allFiles.isEmpty && rest.units.allSatisfy { $0.content == nil }, "\(old.digest) \(new.digest)")
        }
        let lost = byUnit.without(Wanted(digest: "4", units: [bare]))
        #expect(lost.files.map(\.path) == [own.path] && lost.units.isEmpty)
        #expect(byUnit.without(Wanted(digest: "5")).units.map(\.name) == ["a.service"])
    }

    @Test func whatABlockClaimsAndNames() {
        let block: Value = .map([
            "vars": .map(["ROOT": .string("/srv")]),
            "files": .list([
                .text("{{ ROOT }}/{{ NAME }}/a", "x"), .entry("/d", ["directory": .bool(true)]),
                .entry("/l", ["link": .string("x")]), .text("/{{ RECONCILE_INSTANCE }}/own", "x"),
                .entry("/t", ["template": .string("t")]),
            ]),
            "release": .map(["path": .string("{{ ROOT }}/app"), "archive": .string("app.tar")]),
            "units": .list([
                .map(["name": .string("a.service"), "source": .string("a")]), .map(["name": .string("b.service")]),
            ]), "host": .map(["vars": .map(["ROOT": .string("/opt"), "NAME": .string("n")])]),
        ])
        #expect(
            SSHBlock.claims(block) == [
                "/opt/n/a", "/l", "/t", "/opt/app/current", "/opt/app/releases", "/etc/systemd/system/a.service",
            ])
        #expect(SSHBlock.paths(block) == ["t", "a", "app.tar"])
        let secret: Value = .map([
            "vars": .map(["KEY": .secret(.file("/dev/zero"))]), "files": .list([.text("/a/{{ KEY }}", "x")]),
        ])
        #expect(SSHBlock.claims(secret) == [])
        #expect(SSHBlock.faults(block) == [])
        #expect(
            SSHBlock.faults(.map(["release": .map(["url": .string("http://x")])])).map(\.path) == [["release", "url"]])
        let idle: Value = .map(["name": .string("c"), "apply": .string("true")])
        #expect(
            SSHBlock.faults(.map(["commands": .list([idle])])).map(\.message)
                == ["c needs observe or on_change, or it never runs"])
        #expect(SSHBlock.faults(.map(["release": .map([:])])).map(\.path) == [["release"]])
        #expect(SSHBlock.faults(.map(["files": .list([.text("/a", ""), .text("/a", "")])])).count == 1)
    }
}
