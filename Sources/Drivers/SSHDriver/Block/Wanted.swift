import Model
import Processes

/// What one instance should look like on its host, everything worked out.
struct Wanted: Sendable {
    /// The parts in which a block is applied.
    enum Section: String, Sendable, CaseIterable {
        case packages, files, release, commands, units
    }

    /// The digest that is reported where all is in place.
    var digest: String
    var files: [WantedFile] = []
    var release: WantedRelease?
    var packages: [WantedPackage] = []
    var commands: [WantedCommand] = []
    var units: [WantedUnit] = []
    /// In which order sections are applied; what is removed goes in reverse.
    var order = Section.allCases
    var timeout = TimeSpan.seconds(300)
    /// Everything that must not be shown.
    var secrets: [Secret] = []

    /// Whether there is something that comes and goes with the instance: packages and folders may be others' too.
    var hasOwn: Bool {
        files.contains { $0.isOwn } || release != nil || commands.contains { $0.observe != nil }
            || units.contains { $0.content != nil }
    }

    /// The same without what would be written, to be kept.
    var outline: Wanted {
        var outline = self
        for index in outline.files.indices { outline.files[index].dropContent() }
        for index in outline.units.indices { outline.units[index].content?.origin = nil }
        outline.release?.archive?.origin = nil
        outline.secrets = []
        return outline
    }

    /// Those files that systemd reads for units come with them.
    var allFiles: [WantedFile] { files + units.compactMap(\.file) }
}

/// The bytes of a file, or where they are.
struct Content: Sendable {
    /// Nil where only what they hash to is kept.
    var origin: Payload.Origin?
    var size: Int
    /// SHA-256 in hex.
    var sum: String
    /// Whether a shell can carry it.
    var holdsNUL: Bool
    /// Whether a secret is in it: then it is never shown.
    var holdsSecret = false
}

/// A file, folder or link, or that there is none.
struct WantedFile: Sendable {
    enum Kind: Sendable {
        case file(Content)
        case directory
        case link(String)
        case absent
    }

    var path: String
    var kind: Kind
    /// Permission bits; nil where what is there is kept.
    var mode: Int?
    /// A name or number; nil where what is there is kept.
    var owner: String?
    var group: String?
    /// Whether it stands in the manifest only as part of a folder above or below it.
    var isImplied = false

    /// Whether it is there because of us.
    var isOwn: Bool {
        switch kind {
        case .file, .link: true
        case .directory, .absent: false
        }
    }

    var content: Content? {
        if case .file(let content) = kind { return content }
        return nil
    }

    var folder: String {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        return end == path.startIndex ? "/" : String(path[..<end])
    }

    var name: String { String(path[path.index(after: path.lastIndex(of: "/") ?? path.startIndex)...]) }

    mutating func dropContent() {
        guard case .file(var content) = kind else { return }
        content.origin = nil
        kind = .file(content)
    }
}

/// An archive that is unpacked beside older ones.
struct WantedRelease: Sendable {
    var path: String
    /// What its folder is called: the beginning of the archive's SHA-256.
    var name: String
    /// The whole SHA-256.
    var sum: String
    /// The archive where it is in the source.
    var archive: Content?
    /// Where the host gets it; nil where it is in the source.
    var url: String?
    var isCompressed: Bool
    /// How many leading parts of names in it are dropped.
    var strip: Int
    var keep: Int

    var current: String { path + "/current" }
    var folder: String { path + "/releases/" + name }
    var target: String { "releases/" + name }
}

/// A package of the host's own package manager, or that it is not there.
struct WantedPackage: Sendable {
    var name: String
    /// Nil for any; a `*` at its end stands for any rest.
    var version: String?
    var isAbsent: Bool

    func isVersion(_ seen: String) -> Bool {
        guard let version else { return true }
        return version.hasSuffix("*") ? seen.hasPrefix(version.dropLast()) : seen == version
    }
}

/// Lines of the manifest that say how something is seen, put in place and removed.
struct WantedCommand: Sendable {
    var name: String
    var observe: Text?
    var apply: Text
    var remove: Text?
    var environment: [String: Text]
    /// What it is to print where it is in place.
    var digest: String
    /// Names whose change makes it run.
    var onChange: [String]
    /// Seconds.
    var timeout: Int
}

/// A unit of systemd.
struct WantedUnit: Sendable {
    var name: String
    /// The unit's file, where it is ours.
    var content: Content?
    var isEnabled: Bool?
    var isRunning: Bool?
    var restartOn: [String]
    var reloadOn: [String]

    /// Where units' files are.
    static let folder = "/etc/systemd/system/"

    var path: String { Self.folder + name }

    var file: WantedFile? { content.map { WantedFile(path: path, kind: .file($0), mode: 0o644) } }
}
