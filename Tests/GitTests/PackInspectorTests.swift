import FoundationEssentials
import Testing
import TestSupport

@testable import Git

@Suite struct PackInspectorTests {
    /// What an inspector says of a pack that comes in pieces.
    private static func inspect(
        _ pack: [UInt8], pieces: Int = .max, _ limits: ReceiveLimits = ReceiveLimits()
    ) -> PackRefusal? {
        let inspector = PackInspector(limits)
        var rest = pack[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieces))
            rest = rest.dropFirst(piece.count)
            do {
                try piece.withUnsafeBytes { try inspector.take($0) }
            } catch {
                return error as? PackRefusal
            }
        }
        return nil
    }

    private static func limits(_ change: (inout ReceiveLimits) -> Void) -> ReceiveLimits {
        var limits = ReceiveLimits()
        change(&limits)
        return limits
    }

    @Test func aRealPackIsTakenHoweverItComesIn() async throws {
        let text = (0..<2000).map { "line \($0 * 7919 % 2003)\n" }.joined()
        try await Fixture.with(["a.txt": text, "folder/b": "x"]) { fixture in
            for number in 0..<8 {
                try await fixture.repository.commit(["a.txt": text + "more \(number)\n", "empty": ""])
            }
            try await fixture.repository.git("tag", "-a", "-m", "a tag", "v1")
            let pack = try await HostilePack.of(fixture.repository, folder: fixture.folder)
            for pieces in [1, 2, 3, 7, 100, 65_536, Int.max] {
                #expect(PackInspectorTests.inspect(pack, pieces: pieces) == nil, "\(pieces)")
            }
            let whole = text.utf8.count
            // Nine versions, of which at least eight are deltas of a few bytes.
            for pieces in [1, Int.max] {
                let small = PackInspectorTests.limits { $0.inflated = 5 * whole }
                #expect(
                    PackInspectorTests.inspect(pack, pieces: pieces, small)
                        == .tooLarge(
                            "objects of more than \(Bytes.text(5 * whole)) together, which is what one fetch may bring")
                )
                #expect(
                    PackInspectorTests.inspect(
                        pack, pieces: pieces, PackInspectorTests.limits { $0.inflated = 12 * whole }) == nil)
                let one = PackInspectorTests.inspect(
                    pack, pieces: pieces, PackInspectorTests.limits { $0.object = whole })
                guard case .tooLarge(let what)? = one else {
                    Issue.record("\(String(describing: one))")
                    continue
                }
                #expect(what.hasPrefix("an object of "))
                #expect(
                    PackInspectorTests.inspect(
                        pack, pieces: pieces, PackInspectorTests.limits { $0.object = whole + 20 }) == nil)
            }
            #expect(PackInspectorTests.inspect(pack, PackInspectorTests.limits { $0.received = pack.count }) == nil)
            guard
                case .tooLarge? = PackInspectorTests.inspect(
                    pack, PackInspectorTests.limits { $0.received = pack.count - 1 })
            else {
                Issue.record("more than the limit was taken")
                return
            }
            guard case .tooLarge? = PackInspectorTests.inspect(pack, PackInspectorTests.limits { $0.objects = 5 })
            else {
                Issue.record("more objects than the limit were taken")
                return
            }
        }
    }

    @Test func whatIsNoPackIsNamed() {
        let good = HostilePack.object(kind: 3, says: 5, Array("hello".utf8))
        #expect(PackInspectorTests.inspect(HostilePack.made([good, good])) == nil)
        #expect(PackInspectorTests.inspect(Array("<html><body>".utf8)) == .damaged("it does not begin as a pack does"))
        let bad: [[UInt8]] = [
            HostilePack.object(kind: 3, says: 6, Array("hello".utf8)),
            HostilePack.object(kind: 3, says: 4, Array("hello".utf8)),
            HostilePack.object(kind: 5, says: 5, Array("hello".utf8)),
            HostilePack.object(kind: 0, says: 5, Array("hello".utf8)),
            [0x35, 1, 2, 3, 4, 5, 6, 7, 8, 9],
            [0x35] + good.dropFirst().map { $0 ^ 0x40 },
        ]
        for object in bad {
            guard case .damaged? = PackInspectorTests.inspect(HostilePack.made([object, good])) else {
                Issue.record("\(object)")
                continue
            }
        }
    }

    @Test func whatADeltaClaimsIsNotBelieved() {
        let base = [UInt8](repeating: 7, count: 20)
        func claiming(_ size: Int) -> PackRefusal? {
            let delta = HostilePack.number(5) + HostilePack.number(size) + [0x90, 5]
            let pack = HostilePack.made([HostilePack.object(kind: 7, says: delta.count, base: base, delta)])
            #expect(PackInspectorTests.inspect(pack, pieces: 1) == PackInspectorTests.inspect(pack))
            return PackInspectorTests.inspect(pack)
        }
        #expect(claiming(1000) == nil)
        #expect(claiming(512 << 20) == nil)
        #expect(claiming(3 << 30) == .tooLarge("an object of 3 GiB, more than the 512 MiB that one may have"))
        #expect(claiming(1 << 55) == .tooLarge("an object of 32 PiB, more than the 512 MiB that one may have"))
        #expect(claiming(1 << 60) == .tooLarge("an object of more than 64 PiB"))
        let blob = HostilePack.made([HostilePack.object(kind: 3, says: 1 << 40, [1, 2, 3])])
        #expect(
            PackInspectorTests.inspect(blob) == .tooLarge("an object of 1 TiB, more than the 512 MiB that one may have")
        )
        let longer = HostilePack.made([[0xB0] + [UInt8](repeating: 0xFF, count: 12)])
        #expect(PackInspectorTests.inspect(longer) == .tooLarge("an object of more than 1024 PiB"))
    }

    @Test(arguments: [
        (0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KiB"), (1536, "1.5 KiB"), (512 << 20, "512 MiB"),
        ((1 << 30) + 1, "1.1 GiB"), ((2 << 30) - 1, "2 GiB"),
    ])
    func sizesAreForPeople(_ count: Int, _ text: String) { #expect(Bytes.text(count) == text) }
}
