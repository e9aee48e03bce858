import Model

/// What `init` writes.
enum Starter {
    static func configuration(repo: String) -> String {
        var name = ""
        name.appendJSON(repo)
        return """
            # What reconcile watches. Every option is also a flag (--repo) and a variable (RECONCILE_REPO), which go first.
            repo: \(name)            # a path, or a file, git, http or https address
            branch: main
            # path: environments    # the folder of the repository that holds the environments
            # state: .reconcile     # the record and the mirror
            # interval: 30s         # how often `reconcile run` fetches
            # git_timeout: 60s
            # user: git             # for http and https
            # token: {secret: {file: /run/keys/git-token}}
            # parallel: 16
            # history: {keep: 10000}
            # notify: [{command: ./tell.sh}]

            """
    }

    static let example = [
        (".gitignore", ".reconcile/\n"),
        (
            "staging/environment.yaml",
            """
            kind: Environment
            interval: 30s
            on_failure: rollback
            drift: repair

            """
        ),
        (
            "staging/hello.yaml",
            #"""
            kind: Workload
            name: hello
            driver: shell
            shell:
              env: {ROOT: /var/tmp/reconcile-hello, GREETING: "Hello"}
              observe: cat "$ROOT/$RECONCILE_INSTANCE/digest" 2>/dev/null || true
              apply: |
                mkdir -p "$ROOT/$RECONCILE_INSTANCE"
                echo "$GREETING" > "$ROOT/$RECONCILE_INSTANCE/hello.txt"
                echo "$RECONCILE_DIGEST" > "$ROOT/$RECONCILE_INSTANCE/digest"
              remove: rm -rf "$ROOT/$RECONCILE_INSTANCE"
              health: test -s "$ROOT/$RECONCILE_INSTANCE/hello.txt"
            rollout: {min_healthy_time: 1s}

            """#
        ),
    ]
}
