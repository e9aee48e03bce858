import ArgumentParser
import Control
import Model
import Processes

struct WakeCommand: ToolCommand {
    static let configuration = CommandConfiguration(
        commandName: "wake", abstract: "Makes a running loop look now (what hooks/post-receive calls).")

    @OptionGroup(title: "Common options") var common: CommonOptions

    func perform(_ settings: Settings, _ output: Output) async throws -> Int32 {
        let state = settings.state
        try await OwnThread.run { Result { () throws(ControlError) in try Control.send(.wake, state: state) } }.get()
        if settings.output == .json {
            output.result(JSONText.of(.map(["woken": .bool(true)])))
        } else if settings.isVerbose {
            output.note("the loop on \(state) looks now")
        }
        return 0
    }
}
