import Model
import Processes

/// What a host said of an act.
struct ActReader {
    /// Nil where everything was done.
    private(set) var failure: String?
    /// What was done, and what programs of the manifest said.
    private(set) var commands: [CommandRecord] = []
    /// What was seen afterwards.
    private(set) var observation: [Answer.Line] = []

    /// `done` is what the script may say it did.
    init(_ answer: Answer, done: [String], purpose: String, redactor: Redactor) {
        var did: [String] = []
        var isOver = false
        var isDone = false
        var open: (isFailure: Bool, head: String, lines: [String])?
        var stray: [String] = []
        for line in answer.lines {
            if isOver {
                observation.append(line)
                continue
            }
            switch line {
            case .said("=", let rest):
                if let index = Int(String(decoding: rest, as: UTF8.self)), done.indices.contains(index) {
                    did.append(done[index])
                }
            case .said("ok", _): isDone = true
            case .said("!", let rest): open = (true, String(decoding: rest, as: UTF8.self), [])
            case .said(">", let rest): open = (false, String(decoding: rest, as: UTF8.self), [])
            case .said("<", _):
                guard let part = open else { continue }
                open = nil
                let text = redactor.redact(part.lines.joined(separator: "\n"))
                if part.isFailure {
                    let isOfPackages = ["apt-get", "dpkg"].contains { part.head.hasPrefix($0) }
                    // Where the shell itself cannot open or write a file, it says why by itself.
                    let words =
                        (isOfPackages ? PackageWords.reason(part.lines) : nil)
                        ?? [part.lines, stray].map(Self.words).filter { !$0.isEmpty }.joined(separator: ": ")
                    failure =
                        "\(redactor.redact(part.head)) failed: \(VisibleText.line(redactor.redact(words), limit: 300))"
                    if !text.isEmpty { did.append("\(part.head) failed: " + text) }
                } else {
                    let words = part.head.split(separator: " ", maxSplits: 1)
                    let status = words.first.map(String.init) ?? "?"
                    let name = words.count > 1 ? String(words[1]) : ""
                    commands.append(
                        CommandRecord(purpose: name, status: "exit \(status)", duration: .zero, output: text))
                    if status != "0" {
                        let last =
                            part.lines.last { !$0.trimmingBlanks.isEmpty }.map {
                                ": " + VisibleText.line(redactor.redact($0), limit: 200)
                            } ?? ""
                        failure = status == "124" ? "\(name) took too long\(last)" : "\(name) exited \(status)\(last)"
                    }
                }
            case .raw(let bytes):
                let text = String(decoding: bytes, as: UTF8.self)
                guard let part = open else {
                    stray.append(text)
                    continue
                }
                // Who waits may say so every second.
                if !part.isFailure || part.lines.last != text { open?.lines.append(text) }
            case .said:
                isOver = true
                observation.append(line)
            }
        }
        if !isDone, failure == nil {
            let words = answer.remarks.last.map { ": " + VisibleText.line(redactor.redact($0), limit: 200) } ?? ""
            failure = "the script did not come to its end\(words)"
        }
        let summary = CommandRecord(
            purpose: purpose, status: failure == nil ? "exit 0" : "failed", duration: answer.duration,
            output: did.joined(separator: "\n"))
        commands.insert(summary, at: 0)
    }

    /// The last line, which says most; of systemctl's all, where the last says only what is to be read.
    private static func words(_ lines: [String]) -> String {
        let lines = lines.filter { !$0.trimmingBlanks.isEmpty }
        if let start = lines.lastIndex(where: { $0.hasPrefix("Job for ") }) {
            return lines[start...].joined(separator: " ")
        }
        return lines.last ?? ""
    }
}
