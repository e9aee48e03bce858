/// The words around the tables of the reference.
enum Prose {
    static let manifests = """
        # Manifest reference

        A folder with an `environment.yaml` is an environment, named after the folder. Every other `*.yaml` or `*.yml` in it
        and below it holds workloads, one or more documents each. Files that hold only comments hold nothing; other files
        are left alone. `reconcile validate FOLDER` shows every mistake as `file:line:column: error: …`;
        `reconcile schema` prints the JSON Schema for editors.

        - Names of environments and workloads are lower-case letters, digits and hyphens, at most 63.
        - Unknown keys are mistakes. Strings such as `no`, `010` or `12:30` stay strings where a string is expected.
        - Whole numbers and `true` / `false` are written without quotes; durations as `500ms`, `30s`, `5m`, `1h30m`, `2d`.
        - `{secret: {file: /absolute/path}}` or `{secret: {env: NAME}}` may stand wherever a table says "a string or a
          secret". The value is read just before it is needed and is never written or printed.
        - The block of a driver that is a program of its own (`docs/drivers.md`) may hold anything: every scalar is the
          string that was written, and a secret may stand wherever a scalar may.
        - Anchors and aliases work; merge keys (`<<`) and tags (other than `!!str`) are refused.
        - A file is at most 1 MiB with 1,000 documents; lists and maps nest at most 32 deep; aliases stand for at most
          10,000 values; an environment's folder holds at most 10,000 files. Symbolic links and submodules are refused.
        - A key marked **not acted on yet** is checked and named in the plan. A key marked **the environment waits** is a
          safety key that this version cannot honour: while it is there, nothing is done in that environment.

        """

    static let environmentExample = """

        ```yaml
        kind: Environment
        after: staging
        interval: 30s
        on_failure: rollback
        max_delete: 25%
        smoke:
          - {http: "http://127.0.0.1:8080/", expect: 200}
          - {tcp: "127.0.0.1:5432"}
          - {command: "./smoke.sh"}
        ```

        """

    static let workloadExample = """

        ```yaml
        kind: Workload
        name: site
        driver: shell
        replicas: 2
        depends_on: [db]
        shell:
          env: {ROOT: /srv/site, KEY: {secret: {file: /run/keys/site}}}
          files: [site/]
          observe: cat "$ROOT/$RECONCILE_INSTANCE/digest" 2>/dev/null || true
          apply: ./site/install.sh "$ROOT/$RECONCILE_INSTANCE"
          remove: rm -rf "$ROOT/$RECONCILE_INSTANCE"
        health: {http: /healthz, port: 8080}
        rollout: {max_parallel: 50%, min_healthy_time: 10s}
        ```

        """

    static let deploymentExample = """

        At the root of the source. Environments that do not exist may stand in it.

        ```yaml
        environments:
          staging:
            replicas: 2
        ```

        """

    static let deployExample = """

        At the root of the source. Stages are `build`, `test` (both shown as done before the merge), `deploy-full`,
        `deploy-ENVIRONMENT` (its own), `deploy-canary (10%)`, `monitor (5m)`, `smoke-test` and `approval-gate`. Canary
        stages, and what stands between them and the full deployment, are the steps of every workload that names no
        strategy of its own; what stands after it is done once for the environment. See [strategies](strategies.md).

        ```yaml
        deploy:
          staging:
            - build
            - test
            - deploy-staging
            - smoke-test
        ```

        """

    static let configuration = """
        # Configuration

        `reconcile.yaml` in the working directory, or the file that `--config` names. A command-line option goes before the
        variable of its name (`RECONCILE_GIT_TIMEOUT=5s`), the variable before this file, this file before the default.

        """

    static let configurationExample = """

        ```yaml
        repo: https://git.example/team/deploy.git
        branch: main
        path: environments
        state: /var/lib/reconcile
        interval: 30s
        user: robot
        token: {secret: {file: /etc/reconcile/token}}
        history: {keep: 50000, days: 365}
        notify:
          - {command: ./tell.sh}
        ```

        Or several sources, each with its own environments and its own mirror; a slow one never holds up another. `interval`
        and `git_timeout` at the top level hold for all that do not say otherwise; credentials are never shared.

        ```yaml
        state: /var/lib/reconcile
        interval: 1m
        sources:
          - name: web
            repo: https://git.example/web/deploy.git
            token: {secret: {file: /etc/reconcile/web-token}}
          - name: shop
            repo: https://forge.example/shop.git
            branch: live
            path: environments
            interval: 10s
        ```

        An environment belongs to one source. Where two have a folder of the same name, it stays with the one that it was
        recorded for, a new one goes to the first in this list, and the pass says so with exit status 1. A folder that moves
        to another source keeps its past. `after` names environments of the same source. What belonged to a source that
        is no longer listed is looked after by the first one: held, until its folder is there or `reconcile forget`.

        """
}
