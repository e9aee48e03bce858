import Foundation
import TestSupport
import Testing

@Suite struct InstallTests {
    @Test(.enabled(if: Programs.has("make"), "needs make")) func pagesAndCompletionsGoWhereTheyAreLookedFor()
        async throws
    {
        try await TemporaryFolder.with { folder in
            let root = CurrentTests.root.path(percentEncoded: false)
            let result = await Programs.run(
                "/usr/bin/make", ["-C", root, "install-pages", "DESTDIR=\(folder)/a b", "PREFIX=/usr"], in: folder)
            #expect(result.status == 0, "\(result.errors)")
            let share = folder + "/a b/usr/share/"
            for (installed, source) in [
                ("man/man1/reconcile.1", "docs/man/reconcile.1"),
                ("man/man1/reconcile-why.1", "docs/man/reconcile-why.1"),
                ("man/man5/reconcile.yaml.5", "docs/man/reconcile.yaml.5"),
                ("bash-completion/completions/reconcile", "docs/completions/reconcile.bash"),
                ("zsh/site-functions/_reconcile", "docs/completions/_reconcile"),
                ("fish/vendor_completions.d/reconcile.fish", "docs/completions/reconcile.fish"),
            ] {
                let text = try String(contentsOf: URL(filePath: share + installed), encoding: .utf8)
                #expect(!text.isEmpty && text == CurrentTests.text(source), "\(installed)")
            }
        }
    }
}
