import Commands
import Manifests

/// The manual pages of section 5: what stands in files.
enum FileManual {
    static func configuration() -> String {
        page(
            "reconcile.yaml", "the configuration of reconcile", Reference.configuration(),
            [(nil, Reference.configurationKeys())], related: "reconcile(1), reconcile-manifests(5)")
    }

    static func manifests() -> String {
        let drivers = CommandLineTool.drivers
        return page(
            "reconcile-manifests", "environments and workloads that reconcile reads from git",
            Reference.manifests(drivers: drivers),
            Reference.manifestKeys(drivers: drivers).map { ($0.title, $0.keys) },
            related: "reconcile(1), reconcile-validate(1), reconcile-schema(1), reconcile.yaml(5)")
    }

    /// The words and the examples come from the Markdown page of the same thing.
    private static func page(
        _ name: String, _ summary: String, _ markdown: String, _ parts: [(title: String?, keys: [ReferenceKey])],
        related: String
    ) -> String {
        var page = ManualPage(name, section: 5, version: CommandLineTool.version)
        page.section("name")
        page.plain("\(name) - \(summary)")
        page.section("description")
        for block in blocks(markdown).prefix(while: { !$0.hasPrefix("## ") }) where !block.hasPrefix("# ") {
            let items = block.split(separator: "\n- ").map { $0.hasPrefix("- ") ? $0.dropFirst(2) : $0 }
            for item in items { page.paragraph(item.split(separator: "\n").map { $0.trimmed }.joined(separator: "\n")) }
        }
        page.section("keys")
        for part in parts {
            if let title = part.title { page.group(title.filter { $0 != "`" }) }
            for key in part.keys {
                let fallback = key.fallback.map { "; default: `\($0)`" } ?? (key.isRequired ? "; required" : "")
                page.entry(key.name, "\(key.meaning) (\(key.type)\(fallback))")
            }
        }
        page.section("examples")
        for block in blocks(markdown) where block.hasPrefix("```yaml\n") {
            page.display(String(block.dropFirst(8).dropLast(3)).trimmedLines)
        }
        page.section("see also")
        page.plain(related)
        return page.text
    }

    /// What blank lines set apart; no example of ours holds one.
    private static func blocks(_ markdown: String) -> [String] {
        markdown.split(separator: "\n\n").map { block in
            String(block.drop { $0 == "\n" })
        }
    }
}

extension Substring {
    fileprivate var trimmed: Substring { drop { $0 == " " } }
}

extension String {
    fileprivate var trimmedLines: String { hasSuffix("\n") ? String(dropLast()) : self }
}
