import CProcess
import Glibc
import Model

/// Starts children by `posix_spawn`, which on glibc shares our memory until the exec: its cost does not grow with ours.
enum Spawn {
    /// Starts the child in a session and process group of its own, with default signals and no descriptor of ours
    /// besides its three standard ones. `null` stands in for standard input where the launch has no input.
    static func start(_ launch: Launch, null: Int32) throws(NotStarted) -> Spawned {
        let path = try locate(launch)
        let output = try Pipe(.fromChild)
        var errors: Pipe? = nil
        if !launch.mergesErrors { errors = try Pipe(.fromChild) }
        var input: Pipe? = nil
        if launch.keepsInput || !launch.input.isEmpty { input = try Pipe(.toChild) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let folder = launch.workingDirectory { posix_spawn_file_actions_addchdir_np(&actions, folder) }
        posix_spawn_file_actions_adddup2(&actions, input?.childs.raw ?? null, 0)
        posix_spawn_file_actions_adddup2(&actions, output.childs.raw, 1)
        posix_spawn_file_actions_adddup2(&actions, errors?.childs.raw ?? output.childs.raw, 2)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var mask = sigset_t()
        sigemptyset(&mask)
        posix_spawnattr_setsigmask(&attributes, &mask)
        var defaults = sigset_t()
        sigfillset(&defaults)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        let flags = POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var pid: pid_t = 0
        let code = launch.arguments.withPointers { arguments in
            launch.environment.withPointers { environment in
                posix_spawn(&pid, path, &actions, &attributes, arguments, environment)
            }
        }
        if let code = code ?? EINVAL, code != 0 { throw NotStarted(reason: explain(code, path: path, launch)) }

        let handle = pidfd_of(pid)
        guard handle >= 0 else {
            let reason = reason(errno)
            kill(-pid, SIGKILL)
            waitpid(pid, nil, 0)
            throw NotStarted(reason: "the child cannot be watched: \(reason)")
        }
        return Spawned(
            pid: pid, handle: Descriptor(handle), output: output.ours, errors: errors?.ours, input: input?.ours)
    }

    /// The program's path; a bare name is looked up in the child's PATH, whose relative folders are passed over
    /// because the working directory may hold anybody's files.
    private static func locate(_ launch: Launch) throws(NotStarted) -> String {
        if launch.executable.contains("/") { return launch.executable }
        for folder in launch.searchPath.split(separator: ":") where folder.hasPrefix("/") {
            let path = "\(folder)/\(launch.executable)"
            if access(path, X_OK) == 0 { return path }
        }
        throw NotStarted(
            reason: "the program '\(VisibleText.line(launch.executable, limit: 200))' is in no folder of PATH; "
                + "install it or name its full path")
    }

    private static func explain(_ code: Int32, path: String, _ launch: Launch) -> String {
        let program = "the program '\(VisibleText.line(path, limit: 200))'"
        if let folder = launch.workingDirectory {
            var status = stat()
            let place = "its working directory '\(VisibleText.line(folder, limit: 200))'"
            if stat(folder, &status) != 0 { return "\(place) cannot be used: \(reason(errno))" }
            if status.st_mode & S_IFMT != S_IFDIR { return "\(place) is not a folder" }
            if access(folder, X_OK) != 0 { return "\(place) may not be entered" }
        }
        return switch code {
        case ENOENT where access(path, F_OK) == 0: "\(program) is there, but the interpreter that it names is not"
        case ENOENT: "\(program) does not exist"
        case EACCES: "\(program) may not be executed; give it mode 755"
        case ENOEXEC: "\(program) is neither a binary for this machine nor a script that begins with '#!'"
        case E2BIG: "its arguments and environment together are larger than the system allows"
        default: "\(program) cannot be started: \(reason(code))"
        }
    }

    /// What an error number means and, where it helps, what to do.
    static func reason(_ code: Int32) -> String {
        switch code {
        case EMFILE, ENFILE: "too many files are open; raise the limit (ulimit -n) or lower 'parallel'"
        case EAGAIN: "the limit on processes is reached; raise it (ulimit -u) or lower 'parallel'"
        default: String(cString: strerror(code))
        }
    }
}
