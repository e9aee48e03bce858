import Control
import Glibc
import TestSupport
import Testing

@Suite struct ServiceManagerTests {
    @Test func linesArriveAtTheSocketThatIsNamed() async throws {
        try await TemporaryFolder.with { folder in
            for address in [folder + "/notify", "@" + folder + "/notify"] {
                let socket = try NotifySocket(address)
                let manager = try #require(ServiceManager(["NOTIFY_SOCKET": address]))
                #expect(manager.watchdog == nil)
                #expect(manager.tell("READY=1"))
                #expect(manager.tell("STOPPING=1"))
                #expect([socket.next(), socket.next()] == ["READY=1", "STOPPING=1"])
            }
        }
    }

    @Test func nobodyIsToldWhereNobodyListens() async throws {
        #expect(ServiceManager([:]) == nil)
        for address in ["", "relative", "vsock:2:3"] { #expect(ServiceManager(["NOTIFY_SOCKET": address]) == nil) }
        for address in ["/nowhere/notify", "/" + String(repeating: "x", count: 200)] {
            #expect(ServiceManager(["NOTIFY_SOCKET": address])?.tell("READY=1") == false)
        }
    }

    @Test(
        arguments: [
            (["WATCHDOG_USEC": "3000000"], 3_000_000), (["WATCHDOG_USEC": "5", "WATCHDOG_PID": "1"], nil),
            (["WATCHDOG_USEC": "5", "WATCHDOG_PID": "\(getpid())"], 5), (["WATCHDOG_USEC": "0"], nil),
            (["WATCHDOG_USEC": "soon"], nil),
        ] as [([String: String], Int64?)])
    func theWatchdogIsOursOnly(variables: [String: String], period: Int64?) {
        #expect(ServiceManager(variables.merging(["NOTIFY_SOCKET": "/x"]) { $1 })?.watchdog == period)
    }
}
