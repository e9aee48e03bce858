import DriverKit
import Model
import Processes

extension WantedReader {
    /// What one entry of `files` stands for: itself, or everything below a folder of the source.
    func files(_ entry: Value, _ secrets: inout [Secret]) throws(DriverFailure) -> [WantedFile] {
        let path = try path(entry["path"], in: "files.path")
        var file = WantedFile(path: path, kind: .directory)
        file.mode = try mode(entry["mode"])
        file.owner = entry["owner"].string
        file.group = entry["group"].string
        if entry["directory"] == .bool(true) { return [file] }
        if let target = entry["link"].string {
            file.kind = .link(try expansion.plain(target, in: "the link \(path)"))
            return [file]
        }
        if entry["absent"] == .bool(true) {
            file.kind = .absent
            return [file]
        }
        if let text = Text(entry["content"]) {
            file.kind = .file(try inline(text, expands: entry["expand"] == .bool(true), place: path, &secrets))
            return [file]
        }
        let expands = entry["template"] != .null || entry["expand"] == .bool(true)
        guard let source = entry["source"].string ?? entry["template"].string else {
            throw DriverFailure(
                "\(path) has neither `content` nor `source`, `template`, `directory`, `link` or `absent`")
        }
        return try copies(of: source, file, expands: expands, &secrets)
    }

    private func copies(
        of source: String, _ model: WantedFile, expands: Bool, _ secrets: inout [Secret]
    ) throws(DriverFailure) -> [WantedFile] {
        var files: [WantedFile] = []
        var folders: Set<String> = []
        for found in deployable.files {
            guard found.path == source || found.path.hasPrefix(source + "/") else { continue }
            var file = model
            if found.path != source {
                file.path = model.path + "/" + found.path.dropFirst(source.count + 1)
                var folder = file.folder
                while folder.count >= model.path.count, folders.insert(folder).inserted {
                    folder = WantedFile(path: folder, kind: .directory).folder
                }
            }
            if file.mode == nil, found.kind == .executable { file.mode = 0o755 }
            file.kind = .file(try content(of: found, expands: expands, &secrets))
            files.append(file)
        }
        guard !files.isEmpty else { throw DriverFailure("nothing of the source is at \(VisibleText.line(source))") }
        let made = folders.sorted().map { folder in
            WantedFile(path: folder, kind: .directory, owner: model.owner, group: model.group, isImplied: true)
        }
        return made + files
    }

    private func content(
        of file: SourceFile, expands: Bool, _ secrets: inout [Secret]
    ) throws(DriverFailure) -> Content {
        guard expands else { return try store.content(of: file, in: folder) }
        let result = try expansion.expand(try store.template(file), in: file.path)
        secrets += result.secrets
        return ContentStore.content(result.bytes, holdsSecret: !result.secrets.isEmpty)
    }

    private func inline(
        _ text: Text, expands: Bool, place: String, _ secrets: inout [Secret]
    ) throws(DriverFailure) -> Content {
        switch text {
        case .secret(let reference):
            do throws(SecretError) {
                let secret = try SecretReader.read(reference)
                secrets.append(secret)
                return secret.withBytes { ContentStore.content($0, holdsSecret: true) }
            } catch {
                throw DriverFailure(error.description)
            }
        case .plain(let text):
            guard expands else { return ContentStore.content(Array(text.utf8), holdsSecret: false) }
            let result = try expansion.expand(Array(text.utf8), in: place)
            secrets += result.secrets
            return ContentStore.content(result.bytes, holdsSecret: !result.secrets.isEmpty)
        }
    }

    func release(_ entry: Value) throws(DriverFailure) -> WantedRelease? {
        guard entry != .null else { return nil }
        let path = try path(entry["path"], in: "release.path")
        var release = WantedRelease(
            path: path, name: "", sum: "", isCompressed: false, strip: entry["strip"].int ?? 0,
            keep: max(1, entry["keep"].int ?? 3))
        if let url = entry["url"].string {
            guard let sum = entry["sha256"].string else {
                throw DriverFailure("release.url needs release.sha256, so that nothing else can come from there")
            }
            release.url = try expansion.plain(url, in: "release.url")
            release.sum = sum.lowercased()
            release.isCompressed = url.hasSuffix(".gz") || url.hasSuffix(".tgz")
        } else if let archive = entry["archive"].string {
            guard let file = deployable.files.first(where: { $0.path == archive }) else {
                throw DriverFailure(
                    "release.archive names \(VisibleText.line(archive)), which is no file of the source")
            }
            let content = try store.content(of: file, in: folder)
            if let sum = entry["sha256"].string?.lowercased(), sum != content.sum {
                throw DriverFailure("\(archive) has the SHA-256 \(content.sum), and release.sha256 is another")
            }
            release.archive = content
            release.sum = content.sum
            release.isCompressed = archive.hasSuffix(".gz") || archive.hasSuffix(".tgz")
        } else {
            throw DriverFailure("release has neither `archive` nor `url`")
        }
        release.name = String(release.sum.prefix(16))
        return release
    }

    func command(_ entry: Value) throws(DriverFailure) -> WantedCommand {
        guard let name = entry["name"].string, let apply = Text(entry["apply"]) else {
            throw DriverFailure("one of `commands` has no name or no `apply`")
        }
        var environment = variables
        for (key, value) in entry["env"].map { environment[key] = Text(value) }
        let digest = Digest(of: .map(["env": entry["env"], "apply": entry["apply"]]))
        environment["RECONCILE_DIGEST"] = .plain(digest.hex)
        environment["RECONCILE_COMMIT"] = .plain(target.commit)
        return WantedCommand(
            name: name, observe: Text(entry["observe"]), apply: apply, remove: Text(entry["remove"]),
            environment: environment, digest: digest.hex, onChange: try causes(entry["on_change"], of: name),
            timeout: max(1, (entry["timeout"].int ?? 60_000) / 1000))
    }

    func unit(_ entry: Value, _ secrets: inout [Secret]) throws(DriverFailure) -> WantedUnit {
        guard let name = entry["name"].string else { throw DriverFailure("one of `units` has no name") }
        var unit = WantedUnit(
            name: name, restartOn: try causes(entry["restart_on"], of: name),
            reloadOn: try causes(entry["reload_on"], of: name))
        if case .bool(let flag) = entry["enabled"] { unit.isEnabled = flag }
        if case .bool(let flag) = entry["running"] { unit.isRunning = flag }
        if let text = Text(entry["content"]) {
            unit.content = try inline(text, expands: entry["expand"] == .bool(true), place: name, &secrets)
        } else if let path = entry["source"].string ?? entry["template"].string {
            guard let file = deployable.files.first(where: { $0.path == path }) else {
                throw DriverFailure("the unit \(name) names \(VisibleText.line(path)), which is no file of the source")
            }
            unit.content = try content(of: file, expands: entry["template"] != .null, &secrets)
        }
        return unit
    }

    /// What a change of leads to something: paths may name variables, as they do where the files stand.
    private func causes(_ value: Value, of name: String) throws(DriverFailure) -> [String] {
        var names: [String] = []
        for text in value.list.compactMap(\.string) { names.append(try expansion.plain(text, in: name)) }
        return names
    }

    private func path(_ value: Value, in place: String) throws(DriverFailure) -> String {
        var path = try expansion.plain(value.string ?? "", in: place)
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard TextForm.hostPath.holds(path) else {
            throw DriverFailure("\(place) '\(VisibleText.line(path, limit: 100))' is no absolute path below /")
        }
        return path
    }

    private func mode(_ value: Value) throws(DriverFailure) -> Int? {
        guard let text = value.string else { return nil }
        guard let mode = Int(text, radix: 8), (0...0o7777).contains(mode) else {
            throw DriverFailure("mode '\(VisibleText.line(text, limit: 20))' is no octal number such as 0644")
        }
        return mode
    }
}
