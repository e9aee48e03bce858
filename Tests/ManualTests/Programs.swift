import Glibc
import Model
import Processes
import TestSupport

/// Runs the programs that others wrote and that read what we make.
enum Programs {
    static let path = TestBinary.path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + ":/usr/bin:/bin"

    static func has(_ name: String) -> Bool {
        access("/usr/bin/" + name, X_OK) == 0 || access("/bin/" + name, X_OK) == 0
    }

    /// The status, -1 where it did not exit, and all that was said.
    static func run(
        _ program: String, _ arguments: [String], in folder: String, home: String? = nil, input: String = ""
    ) async -> (status: Int32, output: String, errors: String) {
        let result = await ProcessRunner().run(
            Command(
                program, arguments,
                environment: ["PATH": path, "HOME": home ?? folder, "LANG": "C.UTF-8", "TERM": "xterm"],
                workingDirectory: folder, input: Array(input.utf8), timeout: .seconds(300), outputLimit: 4 << 20))
        let output = String(decoding: result.output, as: UTF8.self)
        guard case .exited(let status) = result.ending else { return (-1, output, "\(result.ending)") }
        return (status, output, String(decoding: result.errors, as: UTF8.self))
    }
}
