import Model

extension NodeChecker {
    /// What a schema cannot say of `traffic`.
    mutating func checkTraffic(_ document: YAMLNode) {
        guard let traffic = document["traffic"] else { return }
        for item in traffic["addresses"]?.items ?? [] {
            guard let text = item.text, !NodeChecker.isHostAndPort(text) else { continue }
            report(item.place, "`traffic.addresses` must be HOST:PORT, not \(quoted(text))")
        }
        if let addresses = traffic["addresses"], let count = document["replicas"]?.text.flatMap({ Int($0) }),
            addresses.items.count < count
        {
            report(addresses.place, "`traffic.addresses` must name one for each of the \(count) instances")
        }
        checkHAProxy(traffic["haproxy"])
        checkNginx(traffic["nginx"])
        checkCaddy(traffic["caddy"])
        guard let match = document["rollout"]?["steps"]?.items.first(where: { $0["match"] != nil })?["match"] else {
            return
        }
        for (balancer, key) in [("haproxy", "match_backend"), ("nginx", "match_upstream"), ("caddy", "match_route")] {
            guard let block = traffic[balancer], block[key] == nil else { continue }
            report(match.place, "`match` needs `traffic.\(balancer).\(key)`: where these requests are to go")
        }
    }

    private mutating func checkHAProxy(_ block: YAMLNode?) {
        guard let block else { return }
        if let socket = block["socket"], let text = socket.text, !text.hasPrefix("/"), !NodeChecker.isHostAndPort(text)
        {
            report(socket.place, "`haproxy.socket` must be an absolute path or HOST:PORT, not \(quoted(text))")
        }
        checkNames(["backend", "match_backend"], in: block, "haproxy")
        checkPaths(["servers_file", "state_file"], in: block, "haproxy")
        checkOptions(block, "haproxy")
        if let state = block["state_file"], block["servers_file"] != nil {
            report(state.place, "`haproxy.state_file` and `servers_file` exclude each other: keep one")
        } else if let options = block["server_options"], block["state_file"] != nil {
            report(
                options.place, "`haproxy.server_options` has no meaning for slots: write them into the configuration")
        }
    }

    private mutating func checkNginx(_ block: YAMLNode?) {
        guard let block else { return }
        checkNames(["upstream", "match_upstream"], in: block, "nginx")
        checkPaths(["upstream_file", "config", "pid"], in: block, "nginx")
        checkOptions(block, "nginx")
        for key in ["test", "reload"] {
            guard let list = block[key], list.items.isEmpty else { continue }
            report(list.place, "`nginx.\(key)` is empty: write a command, or leave it out")
        }
    }

    private mutating func checkCaddy(_ block: YAMLNode?) {
        guard let block else { return }
        checkNames(["id", "match_route"], in: block, "caddy")
        guard let admin = block["admin"], let text = admin.text, !text.hasPrefix("/") else { return }
        if !text.hasPrefix("http://") || !NodeChecker.isHostAndPort(String(text.dropFirst(7))) {
            report(
                admin.place,
                "`caddy.admin` must be http://HOST:PORT or the absolute path of a socket, not \(quoted(text))")
        }
    }

    private mutating func checkNames(_ keys: [String], in block: YAMLNode, _ balancer: String) {
        for key in keys {
            guard let node = block[key], let text = node.text, !NodeChecker.isBalancerName(text) else { continue }
            report(
                node.place,
                "`\(balancer).\(key)` holds letters, digits and `_ - .` only and begins with a letter or a digit, not \(quoted(text))"
            )
        }
    }

    private mutating func checkPaths(_ keys: [String], in block: YAMLNode, _ balancer: String) {
        for key in keys {
            guard let node = block[key], let text = node.text, !text.hasPrefix("/") else { continue }
            report(node.place, "`\(balancer).\(key)` must be an absolute path, not \(quoted(text))")
        }
    }

    private mutating func checkOptions(_ block: YAMLNode, _ balancer: String) {
        guard let node = block["server_options"], let text = node.text else { return }
        let isClean =
            text.utf8.count <= 1000
            && text.utf8.allSatisfy { NodeChecker.isAlphanumeric($0) || " _-.:/=,".utf8.contains($0) }
        if !isClean {
            report(node.place, "`\(balancer).server_options` holds letters, digits, spaces and `_ - . : / = ,` only")
        }
    }

    private static func isBalancerName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 100 else { return false }
        return isAlphanumeric(first) && text.utf8.allSatisfy { isAlphanumeric($0) || "_-.".utf8.contains($0) }
    }
}
