import Model
import Processes

/// What an act on one instance would change, for people.
struct DifferenceList {
    private let target: InstanceTargetName
    private let redactor: Redactor
    private let contents: [String: [UInt8]]
    private let facts: Facts
    /// Paths where a secret may be although the new file holds none; nil where that may be anywhere.
    private let secretPaths: Set<String>?
    private(set) var all: [FileDifference] = []

    /// Longer files are only named.
    static let limit = 256 << 10
    /// Stands for lines that may hold what nobody shall see.
    private static let hidden = "(not shown: the file holds a secret)"

    /// With `isBeforeUnread`, nobody knows which files of the version before hold secrets.
    init(
        _ name: InstanceTargetName, _ wanted: Wanted, before: Wanted?, isBeforeUnread: Bool = false, _ facts: Facts,
        _ contents: [String: [UInt8]]
    ) {
        let secret = before?.allFiles.filter { $0.content?.holdsSecret == true }.map(\.path) ?? []
        secretPaths = isBeforeUnread ? nil : Set(secret)
        target = name
        redactor = Redactor(wanted.secrets)
        self.contents = contents
        self.facts = facts
        let judgement = Judgement(wanted, facts, name.id)
        let files = wanted.allFiles
        for (index, mismatch) in judgement.files.sorted(by: { $0.key < $1.key }) { add(files[index], mismatch) }
        if let release = wanted.release, judgement.isReleaseOther {
            add(release.current, remark: "\(facts.links[release.current] ?? "nothing") -> \(release.target)")
        }
        for index in judgement.packages {
            let package = wanted.packages[index]
            let new = package.isAbsent ? "not installed" : package.version ?? "installed"
            add("package \(package.name)", remark: "\(facts.state(ofPackage: package.name)) -> \(new)")
        }
        for index in judgement.units { add("unit \(wanted.units[index].name)", remark: "is brought to its state") }
        for index in judgement.commands { add("command \(wanted.commands[index].name)", remark: "is run") }
        for file in before?.without(wanted).allFiles ?? [] where file.isOwn && facts.files[file.path] != nil {
            add(file.path, remark: "is removed")
        }
    }

    private mutating func add(_ path: String, old: [String]? = nil, new: [String]? = nil, remark: String?) {
        all.append(
            FileDifference(
                workload: target.id.workload, instance: target.id.instance, place: target.place, path: path, old: old,
                new: new, remark: remark))
    }

    private mutating func add(_ file: WantedFile, _ mismatch: Judgement.Mismatch) {
        let seen = facts.files[file.path]
        var remarks: [String] = []
        if let seen, mismatch.contains(.mode), let mode = file.mode {
            remarks.append("mode \(Self.octal(seen.permissions)) -> \(Self.octal(mode))")
        }
        if let seen, mismatch.contains(.owner) {
            remarks.append(
                "owner \(seen.owner):\(seen.group) -> \(file.owner ?? seen.owner):\(file.group ?? seen.group)")
        }
        guard mismatch.contains(.content) else { return add(file.path, remark: remarks.joined(separator: ", ")) }
        switch file.kind {
        case .directory: remarks.insert("a folder is made", at: 0)
        case .absent: remarks.insert("is removed", at: 0)
        case .link(let link):
            remarks.insert(
                "link \(facts.links[file.path] ?? (seen == nil ? "(none)" : "(something else)")) -> \(link)", at: 0)
        case .file(let content):
            guard let new = lines(of: content) else {
                remarks.insert(
                    seen == nil ? "is made, \(content.size) bytes" : "is replaced, \(content.size) bytes", at: 0)
                break
            }
            guard let seen, seen.isFile else {
                let what = seen == nil ? [] : ["takes the place of something else"]
                return add(
                    file.path, new: new.map(redactor.redact),
                    remark: (what + remarks).isEmpty ? nil : (what + remarks).joined(separator: ", "))
            }
            guard let old = contents[file.path].flatMap(Self.lines) else {
                remarks.insert("what is there is no text, or too long", at: 0)
                break
            }
            let kept = Set(new)
            let isSecret = content.holdsSecret || secretPaths?.contains(file.path) != false
            let shown = isSecret ? old.map { kept.contains($0) ? redactor.redact($0) : Self.hidden } : old
            return add(
                file.path, old: shown, new: new.map(redactor.redact),
                remark: remarks.isEmpty ? nil : remarks.joined(separator: ", "))
        }
        add(file.path, remark: remarks.joined(separator: ", "))
    }

    private func lines(of content: Content) -> [String]? {
        switch content.origin {
        case .bytes(let bytes)?: Self.lines(bytes)
        case .file(let path)?: ContentStore.read(path, limit: Self.limit).flatMap(Self.lines)
        case nil: nil
        }
    }

    /// Nil for what is no text, and for what is too long.
    private static func lines(_ bytes: [UInt8]) -> [String]? {
        guard bytes.count <= limit, !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    private static func octal(_ mode: Int) -> String {
        let text = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - text.count)) + text
    }
}

/// Which instance, and where it is, for people.
struct InstanceTargetName {
    var id: Identity
    var place: String
}
