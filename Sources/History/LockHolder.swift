/// Who holds a state folder.
package struct LockHolder: Hashable, Sendable {
    /// Its process id.
    package var pid: Int32
    /// What it called itself, such as `reconcile run`.
    package var command: String

    /// Both parts.
    package init(pid: Int32, command: String) {
        self.pid = pid
        self.command = command
    }
}
