import Model

extension Schemas {
    /// The keys of one source: at the top level of `reconcile.yaml`, or in an entry of `sources`.
    static let source: [Field] =
        [
            Field(
                "repo", .plain,
                "The repository: a local path, `USER@HOST:PATH`, or an `ssh`, `https`, `http`, `git` or `file` address."
            ),
            Field("branch", .plain, fallback: "main", "The branch."),
            Field(
                "tag", .plain,
                "Follow the newest tag that matches instead of a branch: `v*`, `app-*`; `*` is any text, `?` any character."
            ),
            Field(
                "semver", .plain,
                "Follow the newest tag that is a version in this range: `^1.2`, `>=1.2.0 <2.0.0`; with `tag`, of those that match."
            ),
            Field("path", .plain, fallback: ".", "The folder in the repository that holds the environments."),
            Field("interval", .durationAtLeast(100), fallback: "30s", "How often the loop fetches."),
            Field("git_timeout", .durationAtLeast(1), fallback: "60s", "How long a fetch may take."),
        ] + access

    /// Keys of the top level that hold for every entry of `sources` that does not say otherwise.
    static let sharedBySources: Set<String> = ["interval", "git_timeout"]

    /// An entry of `sources`.
    static let namedSource: [Field] =
        [Field("name", .name, required: true, "Unique; names the source wherever it is spoken of.")]
        + source.map { field in
            var field = field
            if field.name == "repo" { field.required = true }
            return field
        }
}
