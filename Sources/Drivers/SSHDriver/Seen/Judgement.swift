import Model

/// What is seen against what should be.
struct Judgement {
    /// How one thing is not as it should be.
    struct Mismatch: OptionSet {
        let rawValue: Int
        /// It has to be made or written anew.
        static let content = Mismatch(rawValue: 1)
        static let mode = Mismatch(rawValue: 2)
        static let owner = Mismatch(rawValue: 4)
    }

    /// By their place in the list of all files.
    var files: [Int: Mismatch] = [:]
    var isReleaseOther = false
    var packages: [Int] = []
    var commands: [Int] = []
    var units: [Int] = []
    /// Notices that wait since an earlier time.
    var pending: [Notice] = []
    /// Whether anything of ours is there.
    var isAnyThere = false
    /// Why something could not be seen.
    var unknown: String?
    private var words: [String] = []

    /// Whether nothing has to be done.
    var isInPlace: Bool {
        files.isEmpty && !isReleaseOther && packages.isEmpty && commands.isEmpty && units.isEmpty && pending.isEmpty
    }

    /// What differs, for people.
    var text: String { words.joined(separator: "; ") }

    init(_ wanted: Wanted, _ facts: Facts, _ id: Identity) {
        let all = wanted.allFiles
        for (index, file) in all.enumerated() {
            let mismatch = Self.mismatch(file, facts)
            if !mismatch.isEmpty { files[index] = mismatch }
            if file.isOwn, facts.files[file.path] != nil { isAnyThere = true }
        }
        if let release = wanted.release {
            isReleaseOther =
                facts.links[release.current] != release.target || facts.files[release.folder]?.isFolder != true
            if facts.files[release.current] != nil { isAnyThere = true }
        }
        for (index, package) in wanted.packages.enumerated() {
            let seen = facts.packages[package.name]
            let isRight =
                package.isAbsent
                ? seen == nil && facts.unfinished[package.name] == nil : seen.map(package.isVersion) ?? false
            if !isRight { packages.append(index) }
        }
        judge(wanted.commands, facts, id)
        for (index, unit) in wanted.units.enumerated() {
            if facts.units[unit.name]?.matches(unit) != true { units.append(index) }
        }
        pending = wanted.notices(id).filter { facts.pending.contains($0.key) }
        if !wanted.hasOwn {
            let isAny = wanted.packages.contains { !$0.isAbsent && facts.packages[$0.name] != nil }
            isAnyThere = isInPlace || isAny || isAnyFolder(wanted, facts)
        }
        say(wanted, facts)
        unknown = unknown ?? Self.complaint(wanted, facts)
    }

    private func isAnyFolder(_ wanted: Wanted, _ facts: Facts) -> Bool {
        wanted.files.contains { file in
            if case .directory = file.kind { facts.files[file.path] != nil } else { false }
        }
    }

    private mutating func judge(_ all: [WantedCommand], _ facts: Facts, _ id: Identity) {
        for (index, command) in all.enumerated() where command.observe != nil {
            guard let answer = facts.commands[id.command(command)] else {
                unknown = "\(command.name) was not asked"
                continue
            }
            guard answer.status == 0 else {
                let why = answer.status == 124 ? "took too long" : "exited \(answer.status)"
                unknown =
                    "observe of \(command.name) \(why)"
                    + (answer.remark.map { ": " + VisibleText.line($0, limit: 200) } ?? "")
                continue
            }
            if !answer.output.isEmpty { isAnyThere = true }
            if answer.output != command.digest { commands.append(index) }
        }
    }

    static func mismatch(_ file: WantedFile, _ facts: Facts) -> Mismatch {
        let seen = facts.files[file.path]
        var mismatch: Mismatch = []
        switch file.kind {
        case .file(let content): if seen?.isFile != true || seen?.sum != content.sum { mismatch.insert(.content) }
        case .directory: if seen?.isFolder != true { mismatch.insert(.content) }
        case .link(let target): if facts.links[file.path] != target { mismatch.insert(.content) }
        case .absent: return seen == nil ? [] : .content
        }
        guard let seen else { return mismatch }
        if case .link = file.kind {} else if let mode = file.mode, mode != seen.permissions { mismatch.insert(.mode) }
        if let owner = file.owner, owner != seen.owner, owner != seen.uid { mismatch.insert(.owner) }
        if let group = file.group, group != seen.group, group != seen.gid { mismatch.insert(.owner) }
        return mismatch
    }

    private mutating func say(_ wanted: Wanted, _ facts: Facts) {
        let all = wanted.allFiles
        if files.count == 1, let (index, mismatch) = files.first {
            let what = mismatch.contains(.content) ? "" : mismatch.contains(.mode) ? " in its mode" : " in its owner"
            let file = all[index]
            words.append(facts.files[file.path] == nil ? "\(file.path) is missing" : "\(file.path) differs\(what)")
        } else if !files.isEmpty {
            let count = files.keys.count { !all[$0].isImplied }
            words.append("\(max(1, count)) of \(all.count { !$0.isImplied }) files differ")
        }
        if let release = wanted.release, isReleaseOther {
            words.append(
                facts.links[release.current].map { "current is \(VisibleText.line($0, limit: 80))" }
                    ?? "no release is current")
        }
        for index in packages {
            let package = wanted.packages[index]
            words.append("package \(package.name) is \(facts.state(ofPackage: package.name))")
        }
        words += commands.map { "\(wanted.commands[$0].name) is not in place" }
        for index in units {
            let unit = wanted.units[index]
            let seen = facts.units[unit.name]
            words.append("unit \(unit.name) is \(Self.state(unit, seen))")
        }
        words += pending.map { "\($0.name) has to be told of a change" }
    }

    private static func state(_ unit: WantedUnit, _ seen: Facts.Unit?) -> String {
        guard let seen else { return "not there" }
        if let running = unit.isRunning, running ? !seen.isActive : !seen.isAtRest { return seen.state }
        if !seen.matchesEnabled(unit) { return seen.isEnabled == true ? "enabled" : "not enabled" }
        return "loaded from an older file"
    }

    /// The first thing that the host could not say of what this instance needs.
    private static func complaint(_ wanted: Wanted, _ facts: Facts) -> String? {
        guard !facts.complaints.isEmpty else { return nil }
        let paths = wanted.allFiles.map(\.path) + (wanted.release.map { [$0.current, $0.folder] } ?? [])
        return facts.complaints.first { complaint in
            guard complaint.contains(": /") || complaint.contains("'/") else { return true }
            return paths.contains { complaint.contains($0) }
        }.map { VisibleText.line($0, limit: 200) }
    }
}
