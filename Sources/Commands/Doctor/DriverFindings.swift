import DriverKit
import Glibc
import Model
import Processes

/// What there is to reach things with. Each plugin is started, says hello, and is ended.
enum DriverFindings {
    static func all(_ settings: Settings) async -> [Finding] {
        var findings: [Finding] = [.ok("drivers", Parts.builtIn.joined(separator: ", "))]
        for plugin in settings.plugins { findings.append(await finding(plugin, settings)) }
        return findings
    }

    private static func finding(_ plugin: PluginSettings, _ settings: Settings) async -> Finding {
        let subject = "driver \(plugin.name)"
        let driver = PluginDriver(
            plugin, runner: ProcessRunner(runID: "doctor"), slots: Slots(1), baseEnvironment: settings.variables.all)
        let result: Finding
        do throws(PluginFailure) {
            let hello = try await driver.hello()
            let release = hello.release.isEmpty ? "of no version" : "version \(hello.release)"
            let able = hello.capabilities.map(\.rawValue).sorted().joined(separator: ", ")
            result = .ok(
                subject, "\(release), speaks protocol \(hello.version)" + (able.isEmpty ? "" : ", can also \(able)"))
        } catch {
            result = .problem(subject, error.reason)
        }
        await driver.close()
        return result
    }
}
