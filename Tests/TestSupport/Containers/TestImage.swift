import FoundationEssentials

/// A small image with the tools of busybox, made without an engine: `httpd`, `sh`, `sleep`, `nc` and so on.
package struct TestImage: Sendable {
    /// Name and tag, `web:1`.
    package var name: String
    /// What runs in it.
    package var command: [String]
    /// Files besides the tools, path (without a leading slash) to content.
    package var files: [String: String]
    /// Further keys of the image's configuration as JSON, `"ExposedPorts": {"8080/tcp": {}}`.
    package var more: String

    /// All parts. The first process of a container ignores most signals, so the image is stopped by SIGKILL.
    package init(_ name: String, command: [String], files: [String: String] = [:], more: String = "") {
        self.name = name
        self.command = command
        self.files = files
        self.more = more
    }

    /// A web server at port 8080 that answers `/` with a version; with a health check it is asked by the engine, too.
    package static func web(_ name: String, version: String, healthcheck: String = "") -> TestImage {
        TestImage(
            name, command: ["httpd", "-f", "-p", "8080", "-h", "/www"], files: ["www/index.html": version + "\n"],
            more: #""ExposedPorts": {"8080/tcp": {}}"#
                + (healthcheck.isEmpty ? "" : #", "Healthcheck": "# + healthcheck))
    }

    /// An image that writes a line and exits.
    package static func failing(_ name: String, code: Int, says line: String) -> TestImage {
        TestImage(name, command: ["sh", "-c", "echo '\(line)'; exit \(code)"])
    }

    /// Writes it as `docker load` takes it, in a folder, and returns the archive's path.
    package func archive(in folder: String) async throws -> String {
        let root = folder + "/image"
        for (path, content) in files {
            let file = URL(filePath: root + "/" + path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(content.utf8).write(to: file)
        }
        let words = command.map { "\"" + $0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\"" }
        let configuration = """
            {"Env": ["PATH=/bin"], "StopSignal": "SIGKILL", "Cmd": [\(words.joined(separator: ", "))]\
            \(more.isEmpty ? "" : ", " + more)}
            """
        try await TestTool.run(
            "/bin/sh", ["-c", TestImage.script, "archive", configuration, name], in: folder)
        return folder + "/image.tar"
    }

    private static let script = """
        set -eu
        mkdir -p image/bin image/tmp image/etc pack
        chmod 1777 image/tmp
        cp /bin/busybox image/bin/
        for tool in sh httpd sleep echo cat ls wget true false kill id touch nc env dd; do ln -sf busybox image/bin/$tool; done
        tar --numeric-owner --owner=0 --group=0 --mtime=@0 --sort=name -C image -cf pack/layer.tar .
        layer=$(sha256sum <pack/layer.tar | cut -d ' ' -f 1)
        printf '{"architecture":"%s","os":"linux","created":"2024-01-01T00:00:00Z","config":%s,' \
            "$(case $(uname -m) in x86_64) echo amd64 ;; aarch64) echo arm64 ;; *) uname -m ;; esac)" "$1" >config
        printf '"rootfs":{"type":"layers","diff_ids":["sha256:%s"]},' "$layer" >>config
        printf '"history":[{"created":"2024-01-01T00:00:00Z","created_by":"test"}]}' >>config
        id=$(sha256sum <config | cut -d ' ' -f 1)
        mv config "pack/$id.json"
        printf '[{"Config":"%s.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$id" "$2" >pack/manifest.json
        tar -C pack -cf image.tar .
        """
}
