/// One file, or what stands for one, that an act would change.
package struct FileDifference: Hashable, Sendable {
    /// The workload's name.
    package var workload: String
    /// The instance's name.
    package var instance: String
    /// Where the instance is, for people; instances with the same difference are shown together under these names.
    package var place: String
    /// The file's absolute path there.
    package var path: String
    /// What is there, line by line; nil where nothing is, or where `remark` says it all.
    package var old: [String]?
    /// What would be there, in the same way.
    package var new: [String]?
    /// What else would change, such as a mode, or why no lines are shown; one sentence without a full stop. Nil where the
    /// lines say it all.
    package var remark: String?

    /// All parts.
    package init(
        workload: String, instance: String, place: String, path: String, old: [String]?, new: [String]?,
        remark: String?
    ) {
        self.workload = workload
        self.instance = instance
        self.place = place
        self.path = path
        self.old = old
        self.new = new
        self.remark = remark
    }
}
