import Model
import Processes

/// Turns a host's answer into facts.
struct FactsReader {
    private let questions: Questions
    private let redactor: Redactor
    private var facts = Facts()
    /// Which program's lines come now.
    private var topic = ""
    private var unit = 0
    private var shown: [String: String] = [:]
    private var command: (key: String, status: Int, lines: [String])?
    private var isWhole = false

    private init(_ questions: Questions, _ redactor: Redactor) {
        self.questions = questions
        self.redactor = redactor
    }

    /// `lines` are those of the observation only. What is kept of the words of programs is without these secrets.
    static func facts(
        _ lines: some Sequence<Answer.Line>, remarks: [String], to questions: Questions, hiding secrets: [Secret]
    ) -> Facts {
        var reader = FactsReader(questions, Redactor(secrets))
        for line in lines { reader.take(line) }
        reader.endCommand()
        reader.endUnit()
        if !reader.isWhole {
            reader.complain("the answer is not whole" + (remarks.last.map { ": " + $0 } ?? ""))
        }
        return reader.facts
    }

    private mutating func take(_ line: Answer.Line) {
        switch line {
        case .said(let word, let rest):
            endCommand()
            endUnit()
            topic = word
            let text = String(decoding: rest, as: UTF8.self)
            switch word {
            case "l":
                guard let (index, target) = Self.numbered(text), questions.links.indices.contains(index) else { return }
                facts.links[questions.links[index]] = target
            case "n": facts.pending.insert(text)
            case "c":
                guard let (index, status) = Self.numbered(text), questions.commands.indices.contains(index) else {
                    return
                }
                command = (questions.commands[index].key, Int(status) ?? 255, [])
            case "e": isWhole = true
            default: break
            }
        case .raw(let bytes):
            let text = String(decoding: bytes, as: UTF8.self)
            switch topic {
            case "f": file(text)
            case "h": sum(text)
            case "p": package(text)
            case "u": property(text)
            case "c": command?.lines.append(text)
            default: break
            }
        }
    }

    /// `81a4 0 0 root root /etc/web.conf`
    private mutating func file(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: false)
        guard words.count == 6, let mode = Int(words[0], radix: 16), words[5].hasPrefix("/") else {
            return complain(text)
        }
        facts.files[String(words[5])] = Facts.File(
            mode: mode, uid: String(words[1]), gid: String(words[2]), owner: String(words[3]), group: String(words[4]))
    }

    /// `HEX  /etc/web.conf`; where the path holds a backslash, GNU's begins with one and writes it double.
    private mutating func sum(_ text: String) {
        var line = Substring(text)
        let isEscaped = line.hasPrefix("\\")
        if isEscaped { line = line.dropFirst() }
        let sum = line.prefix(64)
        guard sum.utf8.count == 64, sum.allSatisfy(\.isHexDigit), line.dropFirst(64).first == " " else {
            return complain(text)
        }
        var path = String(line.dropFirst(66))
        if isEscaped { path = path.replacing("\\\\", with: "\\") }
        facts.files[path]?.sum = String(sum)
    }

    /// `installed 1.22.1-9 nginx amd64`; of what is not there only the name is sure to be said.
    private mutating func package(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        switch words.first {
        case "not-installed", "config-files": return
        case "installed" where words.count == 4:
            for name in [words[2], "\(words[2]):\(words[3])"] { facts.packages[name] = words[1] }
        case let state? where Self.states.contains(state) && words.count > 2:
            let names = words.count == 4 ? [words[2], "\(words[2]):\(words[3])"] : [words[words.count - 2]]
            for name in names { facts.unfinished[name] = state }
        default:
            if !text.hasPrefix("dpkg-query: no packages found") { complain(text) }
        }
    }

    private static let states: Set<String> = [
        "half-installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending",
    ]

    private mutating func property(_ text: String) {
        guard let equals = text.firstIndex(of: "=") else { return complain(text) }
        let key = String(text[..<equals])
        // Blank lines between units are not heard: a key that comes again is the next one's.
        if shown[key] != nil { endUnit() }
        shown[key] = String(text[text.index(after: equals)...])
    }

    private mutating func endUnit() {
        guard !shown.isEmpty, questions.units.indices.contains(unit) else { return }
        var state = shown["ActiveState"] ?? ""
        if shown["SubState"]?.hasPrefix(Facts.Unit.restarting) == true { state = Facts.Unit.restarting }
        if shown["LoadState"] == "not-found", state != "active" { state = "not there" }
        let file = shown["UnitFileState"] ?? ""
        facts.units[questions.units[unit]] = Facts.Unit(
            isEnabled: ["static", "indirect", "generated", "transient"].contains(file)
                ? nil : ["enabled", "enabled-runtime", "alias"].contains(file),
            isActive: ["active", "reloading"].contains(state), needsReload: shown["NeedDaemonReload"] == "yes",
            state: state)
        unit += 1
        shown = [:]
    }

    private mutating func endCommand() {
        guard let command else { return }
        let output = command.lines.joined(separator: "\n")
        facts.commands[command.key] = Facts.CommandAnswer(
            output: output.trimmingBlanks, status: command.status,
            remark: command.status == 0 ? nil : remark(output))
        self.command = nil
    }

    /// The last line, without secrets; the host cuts what is long, perhaps in the middle of one.
    private func remark(_ output: String) -> String? {
        let shown = redactor.redact(Array(output.utf8), endsWhole: output.utf8.count < 4096)
        return String(decoding: shown, as: UTF8.self).split(separator: "\n").map(String.init).last {
            !$0.trimmingBlanks.isEmpty
        }
    }

    /// What is not there is no complaint.
    private mutating func complain(_ text: String) {
        let isMissing = ["No such file or directory", "Not a directory"].contains { text.hasSuffix($0) }
        if !isMissing { facts.complaints.append(redactor.redact(text)) }
    }

    private static func numbered(_ text: String) -> (Int, String)? {
        let words = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard let index = Int(words[0]) else { return nil }
        return (index, words.count > 1 ? String(words[1]) : "")
    }
}

extension String {
    /// Without blanks and line breaks at both ends.
    var trimmingBlanks: String {
        let isBlank = { (byte: UInt8) in byte == 32 || (9...13).contains(byte) }
        let start = utf8.drop(while: isBlank)
        guard let end = start.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(decoding: start[...end], as: UTF8.self)
    }
}
