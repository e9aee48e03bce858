import Glibc
import Model

/// Who decides something by hand.
enum Person {
    /// The name that was given, or that of the login. Throws for an empty one and for one that is no name.
    static func named(_ given: String?) throws(CommandFailure) -> String {
        guard let given else { return login() }
        let name = VisibleText.line(given, limit: 200)
        guard name == given, name.contains(where: { !$0.isWhitespace }) else {
            throw .usage("--as cannot be `\(name)`", advice: "write a person's name, at most 200 characters")
        }
        return name
    }

    private static func login() -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        if getpwuid_r(getuid(), &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name {
            return VisibleText.line(String(cString: name), limit: 200)
        }
        return "user \(getuid())"
    }
}
