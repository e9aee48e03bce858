import ArgumentParser
import FoundationEssentials
import History
import Model

/// What the shell offers from the record: names of environments, numbers of reconciles. Nobody asked for a message while
/// typing, so whatever goes wrong means that nothing is offered; and a shell acts on what it is given, so nothing is offered
/// but letters, digits, hyphens and slashes.
enum RecordCompletion {
    static func environments(_ words: [String]) -> [String] {
        guard let store = record(words), let found = try? store.environmentNames() else { return [] }
        return found.filter { name in
            name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { Names.isValid(String($0)) }
        }
    }

    /// The newest first.
    static func reconciles(_ words: [String]) -> [String] {
        guard let store = record(words), let found = try? store.newestReconciles(limit: 50) else { return [] }
        return found.map(String.init)
    }

    /// The record that the line typed so far is about.
    private static func record(_ words: [String]) -> Store? {
        var given: [String] = []
        for (index, word) in words.enumerated() {
            for option in ["--state", "--config"] {
                if word == option, index + 1 < words.count { given += [option, path(words[index + 1])] }
                if word.hasPrefix(option + "=") { given += [option, path(String(word.dropFirst(option.count + 1)))] }
            }
        }
        let variables = Variables(all: ProcessInfo.processInfo.environment)
        guard let options = try? CommonOptions.parse(given),
            let settings = try? Settings.read(options, variables, reviews: true)
        else { return nil }
        return try? Session.reader(settings)
    }

    /// Words come as they were typed. Home is what people write without quotes; for all else the word is the path.
    private static func path(_ word: String) -> String {
        guard word.hasPrefix("~/"), let home = ProcessInfo.processInfo.environment["HOME"] else { return word }
        return home + word.dropFirst()
    }
}

extension CompletionKind {
    /// Names of the environments in the record.
    static var environments: CompletionKind { .custom { words, _, _ in RecordCompletion.environments(words) } }

    /// Numbers of the newest reconciles in the record.
    static var reconciles: CompletionKind { .custom { words, _, _ in RecordCompletion.reconciles(words) } }

    /// What can be printed; `validate` knows more.
    static var formats: CompletionKind {
        .custom { words, _, _ in
            OutputFormat.words + (words.contains("validate") ? ReviewFormat.allCases.map(\.rawValue) : [])
        }
    }
}
