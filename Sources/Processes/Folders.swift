import Glibc

/// The few acts on folders that several rooms need.
package enum Folders {
    /// The names in a folder, in no order, without `.` and `..`; nil where it cannot be read, and `errno` says why.
    package static func names(in path: String) -> [String]? {
        guard let stream = opendir(path) else { return nil }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The same path without links; nil where nothing is there.
    package static func real(_ path: String) -> String? {
        guard let name = realpath(path, nil) else { return nil }
        defer { free(name) }
        return String(cString: name)
    }

    /// Makes a folder and those above it, for this user only; nil once it is there, else the folder that could not be
    /// made and the error number.
    package static func make(_ path: String) -> (path: String, code: Int32)? {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += part + "/"
            guard mkdir(made, 0o700) != 0, errno != EEXIST else { continue }
            let code = errno
            var status = stat()
            // A folder above may be one that we must not write, as long as it is there.
            if stat(made, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { continue }
            return (made, code)
        }
        return nil
    }
}
