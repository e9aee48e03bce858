import Model
import Testing

@testable import Engine

@Suite struct PinsTests {
    private let web = Deployable(driver: "d", block: .null, files: [], digest: Digest(ofText: "web"), health: nil)

    private var desired: Desired {
        Desired(
            input: Input(tree: "t", paths: [:]), commit: "c", environment: Environment(name: "staging", folder: ""),
            deployables: ["web": web], folderFiles: [])
    }

    private func record(_ index: Int, pin: Value?, isKnown: Bool = true) -> InstanceRecord {
        var deployable = web
        deployable.pin = pin
        return InstanceRecord(
            workload: "web", instance: "web-\(index)", index: index, deployable: deployable, commit: "c",
            digest: isKnown ? web.digest : nil)
    }

    @Test func anInstanceWithoutAPinErasesNone() {
        let pin = Value.string("sha256:a")
        func found(_ inventory: [InstanceRecord]) -> Value? { desired.pinned(by: inventory).deployables["web"]?.pin }
        #expect(found([record(1, pin: pin)]) == pin)
        #expect(found([record(1, pin: pin), record(2, pin: nil)]) == pin)
        #expect(found([record(1, pin: nil), record(2, pin: pin)]) == pin)
        #expect(found([record(1, pin: pin), record(2, pin: .string("sha256:b"), isKnown: false)]) == pin)
        #expect(found([]) == nil)
    }
}
