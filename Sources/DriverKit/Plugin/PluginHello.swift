import Model

/// What a plugin says of itself when it is started.
package struct PluginHello: Hashable, Sendable, Decodable {
    /// Something that a plugin need not be able to do.
    package enum Capability: String, Sendable, CaseIterable {
        /// It answers whether an instance is healthy.
        case health
        /// It stops a request that is cancelled; one that cannot is killed.
        case cancel
        /// It sees many instances in one request.
        case observeMany = "observe-many"
    }

    /// How it wants to get requests.
    package enum Form: String, Sendable, Decodable {
        /// An object in JSON.
        case json
        /// Words for a shell to take apart.
        case words
    }

    /// The version of the protocol that it speaks from now on.
    package var version: Int
    /// The driver's name.
    package var name: String
    /// Its own version; for people.
    package var release: String
    /// What it can do besides what each must; words that we do not know are left out.
    package var capabilities: Set<Capability>
    /// How many requests it works on together, from 1 to 1024.
    package var parallel: Int
    /// How it wants to get requests.
    package var form: Form

    private enum Key: String, CodingKey {
        case version = "protocol"
        case release = "version"
        case name, capabilities, parallel, requests
    }

    /// Reads the object; keys that we do not know are passed over.
    package init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: Key.self)
        version = try keys.decode(Int.self, forKey: .version)
        name = try keys.decode(String.self, forKey: .name)
        release = VisibleText.line(try keys.decodeIfPresent(String.self, forKey: .release) ?? "", limit: 80)
        let words = try keys.decodeIfPresent([String].self, forKey: .capabilities) ?? []
        capabilities = Set(words.compactMap(Capability.init))
        parallel = min(1024, max(1, try keys.decodeIfPresent(Int.self, forKey: .parallel) ?? 1))
        form = try keys.decodeIfPresent(Form.self, forKey: .requests) ?? .json
    }
}
