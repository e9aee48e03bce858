import Model

extension Host {
    /// From a value that was checked.
    init(manifest value: Value, name: String, place: Place) {
        self.init(
            name: name, address: value["address"].string ?? "", port: value["port"].int, user: value["user"].string,
            jump: value["jump"].string, identity: value["identity"].string, become: value["become"].string,
            labels: value["labels"].map.compactMapValues(\.string), vars: value["vars"].map, place: place)
    }
}

extension SSHSettings {
    /// From a value that was checked; what is not there keeps its default.
    init(manifest value: Value) {
        self.init(
            knownHosts: value["known_hosts"].string, identity: value["identity"].string, config: value["config"].string,
            user: value["user"].string, port: value["port"].int, jump: value["jump"].string)
        become = value["become"].string ?? become
        connectTimeout = TimeSpan(value["connect_timeout"], default: connectTimeout)
        connections = value["connections"].int ?? connections
        keepAlive = TimeSpan(value["keep_alive"], default: keepAlive)
    }
}
