import DriverKit
import Model
import Processes

/// Files, folders and links.
extension ActScript {
    /// Contents up to this size stand in the script itself, where a shell can carry them: no program is started for them.
    private static let longestInline = 128 << 10
    /// So many paths are given to one program.
    private static let chunk = 250

    /// Folders first, then what is written, then what goes.
    mutating func apply(files mismatches: [(WantedFile, Judgement.Mismatch)]) throws(DriverFailure) {
        guard !mismatches.isEmpty else { return }
        line("umask 022")
        let folders = mismatches.filter { if case .directory = $0.0.kind { true } else { false } }
        let missing = folders.filter { $0.1.contains(.content) }.map(\.0.path)
        let writes = mismatches.filter { $0.0.isOwn && $0.1.contains(.content) }.map(\.0)
        let parents = Set(writes.map(\.folder)).subtracting(missing).sorted()
        // On most hosts a test is free and a program is not.
        for paths in (missing + parents).chunks(Self.chunk) {
            line(
                """
                set --; for d in \(all: paths); do [ -d "$d" ] || set -- "$@" "$d"; done
                """)
            line(
                """
                [ $# = 0 ] || { p='making folders'; x mkdir -p -- "$@" || return 1; }
                """)
        }
        try write(writes)
        let written = Set(writes.map(\.path))
        // What was written has its mode and owner already.
        settle(mismatches.filter { !written.contains($0.0.path) })
        let going = mismatches.map(\.0).filter { if case .absent = $0.kind { true } else { false } }
        remove(going)
        for file in mismatches.map(\.0) {
            changed.insert(file.path)
            did(word(for: file))
        }
    }

    private func word(for file: WantedFile) -> String {
        switch file.kind {
        case .file: "wrote \(file.path)"
        case .directory: "made \(file.path)"
        case .link(let target): "linked \(file.path) to \(target)"
        case .absent: "removed \(file.path)"
        }
    }

    /// Each file is written whole into a draft beside it, brought to the disk, and renamed over what is there. Drafts are in a
    /// folder of our own, or the only one has its name: that takes fewer programs.
    private mutating func write(_ files: [WantedFile]) throws(DriverFailure) {
        guard !files.isEmpty else { return }
        let places = Dictionary(grouping: files, by: \.folder).sorted { $0.key < $1.key }
        let drafts = places.map { $0.key.appending(path: draft) }
        let alone = Set(places.filter { $0.value.count == 1 && $0.value.allSatisfy(isPlain) }.map(\.key))
        func place(_ file: WantedFile) -> String {
            let place = file.folder.appending(path: draft)
            return alone.contains(file.folder) ? place : place.appending(path: file.name)
        }
        line("g() { set +C; rm -rf -- \(all: drafts); }")
        for paths in drafts.chunks(Self.chunk) {
            line(
                """
                for d in \(all: paths); do if [ -e "$d" ] || [ -L "$d" ]; then rm -rf -- "$d"; fi; done
                """)
        }
        let folders = places.filter { !alone.contains($0.key) }.map { $0.key.appending(path: draft) }
        for paths in folders.chunks(Self.chunk) { must("making a folder for drafts", "mkdir -m 700 -- \(all: paths)") }
        // Nobody can have put something in the place of a draft that has no folder.
        line("set -C")
        var modes: [Int: [String]] = [:]
        var owners: [String: [String]] = [:]
        // An owner and group that a new file would not get by itself.
        var seenOwners: [String: [(seen: String, path: String)]] = [:]
        for file in files {
            let path = place(file)
            let seen = facts.files[file.path].flatMap { $0.isFile ? $0 : nil }
            switch file.kind {
            case .link(let target): must("linking \(file.path)", "ln -s -- \(target) \(path)")
            case .file(let content):
                try write(content, of: file, to: path)
                let mode = file.mode ?? seen?.permissions ?? 0o644
                if mode != 0o644 { modes[mode, default: []].append(path) }
            case .directory, .absent: break
            }
            if file.owner != nil || file.group != nil {
                let owner = (file.owner ?? seen?.uid ?? "") + (file.group ?? seen?.gid).map { ":" + $0 }.orEmpty
                owners[owner, default: []].append(path)
            } else if let seen {
                seenOwners["\(seen.uid):\(seen.gid)", default: []].append((file.path, path))
            }
        }
        line("set +C")
        for (owner, paths) in owners.sorted(by: { $0.key < $1.key }) { change("chown -h", owner, paths) }
        for (owner, files) in seenOwners.sorted(by: { $0.key < $1.key }) {
            for part in files.chunks(Self.chunk) {
                line("set --")
                for (seen, path) in part {
                    line("[ -O \(seen) ] && [ -G \(seen) ] && [ -G \(path) ] || set -- \"$@\" \(path)")
                }
                line(
                    """
                    [ $# = 0 ] || { p=\("chown -h " + owner); x chown -h \(owner) -- "$@" || return 1; }
                    """)
            }
        }
        for (mode, paths) in modes.sorted(by: { $0.key < $1.key }) { change("chmod", String(mode, radix: 8), paths) }
        let real = files.filter { $0.content != nil }.map(place)
        for paths in real.chunks(Self.chunk) { must("bringing files to the disk", "sync -- \(all: paths)") }
        for (folder, files) in places {
            if alone.contains(folder) {
                for file in files { rename(place(file), over: file.path) }
                continue
            }
            for part in files.map(place).chunks(Self.chunk) {
                must("writing to \(folder)", "mv -f -- \(all: part) \(folder)/")
            }
        }
        for paths in folders.chunks(Self.chunk) { line("rmdir -- \(all: paths) 2>/dev/null") }
        for paths in places.map(\.key).chunks(Self.chunk) {
            must("bringing folders to the disk", "sync -- \(all: paths)")
        }
        line("g() { :; }")
    }

    /// Whether everybody may read it while it is written, and a rename puts it in its place whatever has become of that.
    private func isPlain(_ file: WantedFile) -> Bool {
        let seen = facts.files[file.path]
        guard case .file = file.kind, seen?.isFile ?? true else { return false }
        return (file.mode ?? seen?.permissions ?? 0o644) & 0o444 == 0o444
    }

    private mutating func rename(_ draft: String, over path: String) {
        line("p=\("writing " + path); if [ -d \(path) ]; then f 'it has become a folder'; return 1; fi")
        line("x mv -f -- \(draft) \(path) || return 1")
    }

    private mutating func change(_ program: String, _ value: String, _ paths: [String]) {
        for part in paths.chunks(Self.chunk) {
            // The program's name is ours.
            must("\(program) \(value)", ShellCode(stringLiteral: program) + " \(value) -- \(all: part)")
        }
    }

    private mutating func write(_ content: Content, of file: WantedFile, to path: String) throws(DriverFailure) {
        guard let origin = content.origin else { throw DriverFailure("the content of \(file.path) is not at hand") }
        if !content.holdsNUL, content.size <= Self.longestInline {
            let bytes: [UInt8]
            switch origin {
            case .bytes(let given): bytes = given
            case .file(let source):
                guard let read = ContentStore.read(source, limit: Self.longestInline) else {
                    throw DriverFailure("\(source) cannot be read")
                }
                bytes = read
            }
            line(
                """
                printf %s \(bytes) 2>&4 >\(path) || { p=\("writing " + file.path); f 'it could not be written whole'; return 1; }
                """)
        } else if content.size == 0 {
            line("printf '' >\(path) || { p=\("writing " + file.path); f 'it cannot be made'; return 1; }")
        } else {
            try receive(content, into: path)
        }
    }

    /// Modes and owners of what stays where it is.
    private mutating func settle(_ files: [(WantedFile, Judgement.Mismatch)]) {
        var modes: [Int: [String]] = [:]
        var owners: [String: [String]] = [:]
        for (file, mismatch) in files {
            if case .absent = file.kind { continue }
            let isNew = mismatch.contains(.content)
            if let mode = file.mode, isNew || mismatch.contains(.mode) { modes[mode, default: []].append(file.path) }
            if file.owner != nil || file.group != nil, isNew || mismatch.contains(.owner) {
                owners[(file.owner ?? "") + file.group.map { ":" + $0 }.orEmpty, default: []].append(file.path)
            }
        }
        for (owner, paths) in owners.sorted(by: { $0.key < $1.key }) { change("chown -h", owner, paths) }
        for (mode, paths) in modes.sorted(by: { $0.key < $1.key }) { change("chmod", String(mode, radix: 8), paths) }
    }

    /// Takes files and links away, and folders that are empty then.
    mutating func remove(_ files: [WantedFile]) {
        let folders = files.filter { facts.files[$0.path]?.isFolder == true }
        let others = files.filter { facts.files[$0.path].map { !$0.isFolder } ?? false }
        for paths in others.map(\.path).chunks(Self.chunk) { must("removing files", "rm -f -- \(all: paths)") }
        // The deepest first.
        for folder in folders.sorted(by: { $0.path > $1.path }) {
            if case .absent = folder.kind {
                must("removing \(folder.path)", "rmdir -- \(folder.path)")
            } else {
                line("rmdir -- \(folder.path) 2>/dev/null")
            }
        }
    }
}

extension ShellCode {
    static func + (left: ShellCode, right: ShellCode) -> ShellCode { "\(code: left)\(code: right)" }
}

extension Array {
    /// In parts of at most so many.
    func chunks(_ size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}

extension String {
    /// One path below another.
    func appending(path: String) -> String { hasSuffix("/") ? self + path : self + "/" + path }
}

extension String? {
    var orEmpty: String { self ?? "" }
}
