import GRDB
import Model

/// The record's tables. A new version appends a migration; none is ever changed once it was released.
enum Migrations {
    /// `rcnc`: says in the file's header that it is ours.
    static let applicationID = 0x7263_6E63

    /// The newest schema this program knows.
    static var newest: Int { all.count }

    /// Brings the file to the newest schema, each migration in a transaction of its own. Throws `StoreError` for a
    /// newer schema and for a file of another program, and `DatabaseError`.
    static func run(_ db: Database, migrations: [String] = all) throws {
        var version = try check(db, newest: migrations.count)
        while version < migrations.count {
            try db.inTransaction(.immediate) {
                // Another process may have been faster.
                version = try check(db, newest: migrations.count)
                guard version < migrations.count else { return .rollback }
                try db.execute(sql: migrations[version])
                version += 1
                try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(version)")
                return .commit
            }
        }
    }

    /// The file's schema; 0 for an empty one. Throws `StoreError` for a newer one and for a file of another program.
    @discardableResult
    static func check(_ db: Database, newest: Int = newest) throws -> Int {
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let owner = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") == 0
        if owner != applicationID && !(isEmpty && version == 0) {
            throw StoreError(
                .corrupt, "the file is a database of another program", advice: "choose another state folder")
        }
        if version > newest {
            throw StoreError(
                .newerSchema, "the record has schema \(version), this version knows up to \(newest)",
                advice: "use the version of reconcile that wrote it, or a newer one")
        }
        return version
    }

    // Where a table is WITHOUT ROWID its key's columns come first: SQLite 3.40's `integrity_check` mistakes the
    // columns of others.
    static let all = [
        """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        INSERT INTO meta VALUES ('state_id', lower(hex(randomblob(16))));

        CREATE TABLE reconciles(
            id INTEGER PRIMARY KEY, environment TEXT NOT NULL, commit_id TEXT, "trigger" TEXT NOT NULL, outcome TEXT,
            reason TEXT NOT NULL, author TEXT NOT NULL, started_at TEXT NOT NULL, finished_at TEXT,
            subject TEXT NOT NULL, input TEXT, problems TEXT NOT NULL, gates TEXT NOT NULL, notes TEXT NOT NULL
        ) STRICT;
        CREATE INDEX reconciles_by_environment ON reconciles(environment, id);
        CREATE INDEX reconciles_by_outcome ON reconciles(outcome);

        CREATE TABLE rollouts(
            reconcile_id INTEGER PRIMARY KEY REFERENCES reconciles(id) ON DELETE CASCADE, state TEXT NOT NULL
        ) STRICT;

        CREATE TABLE steps(
            reconcile_id INTEGER NOT NULL REFERENCES reconciles(id) ON DELETE CASCADE, id INTEGER NOT NULL,
            kind TEXT NOT NULL, workload TEXT, instance TEXT,
            state TEXT NOT NULL CHECK (state IN ('planned', 'running', 'done', 'failed', 'skipped')),
            started_at TEXT, finished_at TEXT, detail TEXT, body TEXT NOT NULL,
            healthy_since TEXT, PRIMARY KEY (reconcile_id, id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE changes(
            reconcile_id INTEGER NOT NULL REFERENCES reconciles(id) ON DELETE CASCADE,
            workload TEXT NOT NULL, action TEXT NOT NULL, cause TEXT NOT NULL,
            path TEXT, from_value TEXT, to_value TEXT
        ) STRICT;
        CREATE INDEX changes_by_reconcile ON changes(reconcile_id);

        CREATE TABLE outputs(
            reconcile_id INTEGER NOT NULL REFERENCES reconciles(id) ON DELETE CASCADE, step_id INTEGER NOT NULL,
            purpose TEXT NOT NULL, status TEXT NOT NULL, duration_ms INTEGER NOT NULL, output TEXT NOT NULL,
            at TEXT NOT NULL
        ) STRICT;
        CREATE INDEX outputs_by_reconcile ON outputs(reconcile_id);

        CREATE TABLE environments(
            name TEXT PRIMARY KEY, commit_id TEXT, passes INTEGER NOT NULL, last_pass_at TEXT, next_pass_at TEXT,
            body TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE inputs(
            environment TEXT NOT NULL, input TEXT NOT NULL, commit_id TEXT NOT NULL, good_at TEXT, failed_at TEXT,
            desired TEXT NOT NULL, PRIMARY KEY (environment, input)
        ) STRICT;

        CREATE TABLE known_digests(
            environment TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (environment, digest)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE deployables(id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;

        CREATE TABLE instances(
            environment TEXT NOT NULL, instance TEXT NOT NULL, driver TEXT NOT NULL, workload TEXT NOT NULL,
            idx INTEGER NOT NULL, deployable TEXT NOT NULL REFERENCES deployables(id), commit_id TEXT NOT NULL,
            digest TEXT, PRIMARY KEY (environment, instance, driver)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX instances_by_deployable ON instances(deployable);

        CREATE TABLE requests(
            id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, environment TEXT NOT NULL, argument TEXT,
            created_at TEXT NOT NULL, done_at TEXT, succeeded INTEGER, result TEXT
        ) STRICT;
        CREATE INDEX requests_pending ON requests(id) WHERE done_at IS NULL;
        """,
        """
        ALTER TABLE reconciles ADD COLUMN tag TEXT;
        """,
        """
        CREATE TABLE approvals(
            reconcile_id INTEGER NOT NULL REFERENCES reconciles(id) ON DELETE CASCADE, step_id INTEGER NOT NULL,
            environment TEXT NOT NULL, decision TEXT NOT NULL CHECK (decision IN ('approved', 'rejected')),
            person TEXT NOT NULL, plan TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (reconcile_id, step_id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE traffic(
            environment TEXT NOT NULL, workload TEXT NOT NULL, instance TEXT NOT NULL, wanted REAL, seen REAL,
            at TEXT NOT NULL, told INTEGER, PRIMARY KEY (environment, workload, instance)
        ) STRICT, WITHOUT ROWID;
        """,
        """
        CREATE TABLE measurements(
            reconcile_id INTEGER NOT NULL REFERENCES reconciles(id) ON DELETE CASCADE, step_id INTEGER NOT NULL,
            monitor TEXT NOT NULL, at TEXT NOT NULL, side TEXT NOT NULL CHECK (side IN ('canary', 'baseline')),
            value REAL, verdict TEXT NOT NULL CHECK (verdict IN ('pass', 'fail', 'inconclusive')), detail TEXT
        ) STRICT;
        CREATE INDEX measurements_by_reconcile ON measurements(reconcile_id);
        """,
        """
        CREATE TABLE recommendations(
            environment TEXT NOT NULL, workload TEXT NOT NULL, at TEXT NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (environment, workload, at)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE scales(
            environment TEXT NOT NULL, workload TEXT NOT NULL, count INTEGER NOT NULL, value REAL, detail TEXT NOT NULL,
            at TEXT NOT NULL, because TEXT, PRIMARY KEY (environment, workload)
        ) STRICT, WITHOUT ROWID;

        ALTER TABLE changes ADD COLUMN because TEXT;
        """,
    ]
}
