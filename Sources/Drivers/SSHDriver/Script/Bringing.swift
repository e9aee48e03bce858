import DriverKit
import Model

/// Puts together the script of a whole act.
enum Bringing {
    /// From what was seen to what is wanted; what only `before` has goes at the end.
    static func apply(
        _ wanted: Wanted, before: Wanted?, _ facts: Facts, _ judgement: Judgement, _ id: Identity
    ) throws(DriverFailure) -> ActScript {
        var script = ActScript(wanted, facts, id)
        let rest = before?.without(wanted)
        let going = (rest?.files ?? []).filter { $0.isOwn && facts.files[$0.path] != nil }.map(\.path)
        let due = due(wanted, judgement, going, id)
        // Who waits for something that goes is told when it is gone.
        let late = due.filter { notice in going.contains { notice.waits(for: $0) } }
        let early = due.filter { notice in !late.contains { $0.key == notice.key } }
        if !due.isEmpty { script.line(ObserveScript.state) }
        script.note(due.filter { notice in !judgement.pending.contains { $0.key == notice.key } })
        let all = wanted.allFiles
        let mismatches = judgement.files.sorted { $0.key < $1.key }.map { (all[$0.key], $0.value) }
        for section in wanted.order {
            switch section {
            case .packages:
                if !judgement.packages.isEmpty {
                    script.apply(packages: judgement.packages.map { wanted.packages[$0] })
                }
            case .files: try script.apply(files: mismatches)
            case .release:
                if let release = wanted.release, judgement.isReleaseOther { try script.apply(release: release) }
            case .commands: try commands(&script, judgement, early)
            case .units: units(&script, judgement, early)
            }
        }
        if let rest { try remove(&script, rest) }
        try tell(&script, late)
        return script
    }

    /// Takes away what is listed and was made.
    static func remove(_ wanted: Wanted, _ facts: Facts, _ id: Identity) throws(DriverFailure) -> ActScript {
        var script = ActScript(wanted, facts, id)
        try remove(&script, wanted)
        for notice in wanted.notices(id) where facts.pending.contains(notice.key) {
            script.line(ObserveScript.state)
            script.forget(notice)
        }
        return script
    }

    /// What will have to be told of a change: what is noted already, and what waits for something that is about to change.
    private static func due(
        _ wanted: Wanted, _ judgement: Judgement, _ going: [String], _ id: Identity
    ) -> [Notice] {
        let all = wanted.allFiles
        var changing = Set(judgement.files.keys.map { all[$0].path } + going)
        changing.formUnion(judgement.packages.map { wanted.packages[$0].name })
        changing.formUnion(judgement.commands.map { wanted.commands[$0].name })
        changing.formUnion(judgement.units.map { wanted.units[$0].name })
        if judgement.isReleaseOther { changing.insert("release") }
        return wanted.notices(id).filter { notice in
            judgement.pending.contains { $0.key == notice.key }
                || changing.contains { notice.waits(for: $0) }
        }
    }

    private static func commands(
        _ script: inout ActScript, _ judgement: Judgement, _ due: [Notice]
    ) throws(DriverFailure) {
        for (index, command) in script.wanted.commands.enumerated() {
            let notice = due.first { $0.act == .run && $0.name == command.name }
            guard judgement.commands.contains(index) || notice != nil else { continue }
            try run(command, &script, notice)
        }
    }

    private static func run(
        _ command: WantedCommand, _ script: inout ActScript, _ notice: Notice?
    ) throws(DriverFailure) {
        try script.run(command, command.apply, purpose: command.name)
        script.changed.insert(command.name)
        script.did("ran \(command.name)")
        if let notice { script.forget(notice) }
    }

    /// What is told at the end, in the order of commands and units.
    private static func tell(_ script: inout ActScript, _ late: [Notice]) throws(DriverFailure) {
        for notice in late where notice.act == .run {
            guard let command = script.wanted.commands.first(where: { $0.name == notice.name }) else { continue }
            try run(command, &script, notice)
        }
        for unit in script.wanted.units {
            let notices = late.filter { $0.name == unit.name && $0.act != .run }
            let isActive = script.facts.units[unit.name]?.isActive == true
            if !notices.isEmpty, unit.isRunning ?? isActive {
                script.tell(
                    unit, restarts: notices.contains { $0.act == .restart },
                    reloads: notices.contains { $0.act == .reload })
            }
            for notice in notices { script.forget(notice) }
        }
    }

    private static func units(_ script: inout ActScript, _ judgement: Judgement, _ due: [Notice]) {
        let wanted = script.wanted
        let areFilesNew = script.changed.contains(where: WantedUnit.isRead)
        var hasRead = false
        for (index, unit) in wanted.units.enumerated() {
            let notices = due.filter { $0.name == unit.name && $0.act != .run }
            guard judgement.units.contains(index) || !notices.isEmpty || (areFilesNew && !hasRead) else { continue }
            let readsFiles = !hasRead && (areFilesNew || script.facts.units[unit.name]?.needsReload == true)
            script.apply(
                unit: unit, restarts: notices.contains { $0.act == .restart },
                reloads: notices.contains { $0.act == .reload }, readsFiles: readsFiles)
            hasRead = hasRead || readsFiles
            for notice in notices { script.forget(notice) }
        }
    }

    /// In reverse: units, commands, the release, files. Packages and folders that are not empty stay.
    private static func remove(_ script: inout ActScript, _ wanted: Wanted) throws(DriverFailure) {
        let units = wanted.units.filter { unit in unit.content != nil && script.facts.files[unit.path] != nil }
        for unit in units {
            script.must("systemctl disable \(unit.name)", "systemctl disable --now -- \(unit.name)")
            script.did("stopped \(unit.name)")
        }
        script.remove(units.compactMap(\.file))
        if !units.isEmpty { script.readUnits() }
        // Else one that had failed is listed for ever.
        for unit in units { script.forgive(unit) }
        for command in wanted.commands.reversed() {
            guard let text = command.remove else { continue }
            try script.run(command, text, purpose: "remove of \(command.name)")
            script.did("ran remove of \(command.name)")
        }
        if let release = wanted.release {
            let folder = release.path + "/releases"
            script.must("removing the release", "rm -f -- \(release.current)")
            script.line(
                """
                for d in $(cd \(folder) 2>/dev/null && ls -1); do case $d in *[!0-9a-f]*) ;; *) [ ${#d} = 16 ] && \
                rm -rf -- \(folder)/"$d";; esac; done; rmdir -- \(folder) \(release.path) 2>/dev/null
                """)
            script.did("removed \(release.path)")
        }
        let files = wanted.files.filter { file in
            if case .absent = file.kind { false } else { script.facts.files[file.path] != nil }
        }
        script.remove(files)
        if !script.wanted.units.isEmpty, files.contains(where: { WantedUnit.isRead($0.path) }) { script.readUnits() }
        for file in files where file.isOwn { script.did("removed \(file.path)") }
    }
}

extension Wanted {
    /// What is in this and not in another.
    func without(_ other: Wanted) -> Wanted {
        var rest = self
        let paths = Set(other.allFiles.map(\.path))
        // A folder with something in it stays by itself.
        rest.files.removeAll { paths.contains($0.path) }
        if other.release?.path == release?.path { rest.release = nil }
        let commands = Set(other.commands.map(\.name))
        rest.commands.removeAll { commands.contains($0.name) }
        let units = Set(other.units.map(\.name))
        // Of a unit that stays, only a file of ours may have to go; where its file stays, it does.
        rest.files += rest.units.filter { units.contains($0.name) && !paths.contains($0.path) }.compactMap(\.file)
        rest.units.removeAll { units.contains($0.name) || paths.contains($0.path) }
        return rest
    }

    /// Whether anything of it is still there.
    func isLeft(in facts: Facts) -> Bool {
        files.contains { $0.isOwn && facts.files[$0.path] != nil }
            || units.contains { $0.content != nil && facts.files[$0.path] != nil }
            || (release.map { facts.files[$0.current] != nil } ?? false)
    }
}
