import DriverKit
import FoundationEssentials
import Glibc
import Model

/// The lists of host keys that connections go by: ssh reads them from files only.
actor HostKeyLists {
    private let state: String
    private var folder: OwnFolder?
    /// The files in it that were written to their end.
    private var whole: Set<String> = []
    /// Those of each environment: what its hosts were given, each a part of the environment's own list.
    private var parts: [String: Set<String>] = [:]

    /// `state` is the state folder, in which an environment has its list where its manifest names none.
    init(state: String) { self.state = state }

    /// Takes what the hosts of an environment were given.
    func know(_ parts: Set<String>, of environment: String) {
        self.parts[environment] = parts.isEmpty ? nil : parts
    }

    /// The file for a host: its own part, and the lines about `others`, which are on the way to it. What is gone is written
    /// anew.
    func file(for host: HostAccess, others: Set<String>) throws(DriverFailure) -> String {
        guard var text = host.knownHosts else { return state + "/known_hosts/" + host.environment }
        if !others.isEmpty {
            var known = Set(text.split(separator: "\n"))
            for part in parts[host.environment] ?? [] {
                for line in KnownHostsText(part).lines(about: others) where known.insert(line).inserted {
                    text += (text.isEmpty || text.hasSuffix("\n") ? "" : "\n") + line + "\n"
                }
            }
        }
        if folder?.isThere != true { forget() }
        let folder: OwnFolder
        if let made = self.folder { folder = made } else { folder = try newFolder() }
        self.folder = folder
        let path = "\(folder.path)/known_hosts-\(Digest(ofText: text).hex.prefix(16))"
        if whole.contains(path), access(path, R_OK) == 0 { return path }
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
            whole.insert(path)
        } catch {
            throw DriverFailure("the list of host keys cannot be written to \(path): \(error)")
        }
        return path
    }

    /// Takes all files away.
    func close() {
        folder?.remove()
        forget()
    }

    /// In the state folder where that can be written, else in /tmp.
    private func newFolder() throws(DriverFailure) -> OwnFolder {
        var places = [(root: "/tmp", prefix: "reconcile-ssh-")]
        if access(state, F_OK) == 0 {
            mkdir(state + "/ssh", 0o700)
            places.insert((state + "/ssh", "lists-"), at: 0)
        }
        return try OwnFolder.make(for: "lists of host keys", in: places)
    }

    private func forget() {
        folder = nil
        whole = []
    }
}
