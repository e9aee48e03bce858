import Model

extension Schemas {
    /// What sends requests to a workload's instances.
    static let traffic = Schema.oneOf(
        [
            Field("haproxy", .object(haproxy), "HAProxy 2.5 or later, by its runtime API."),
            Field("nginx", .object(nginx), "nginx on this machine, by lines in its configuration and a reload."),
            Field("caddy", .object(caddy), "Caddy 2.6 or later, by its admin API."),
        ],
        with: [
            Field(
                "port", .integer(1...65_535),
                "The port that gets the requests, as the instance names it; without it its first."),
            Field(
                "addresses", .list(.plain),
                "`HOST:PORT` of each instance by its number, where the driver does not know it."),
        ])

    private static let options = Field(
        "server_options", .plain, "What is said of each server besides its address and weight: `check inter 1s`.")

    private static let haproxy: [Field] = [
        Field(
            "socket", .plain, required: true,
            "The `stats socket` of level admin: an absolute path, or `HOST:PORT`."),
        Field("backend", .plain, required: true, "The backend that gets the servers, named as the instances are."),
        Field("match_backend", .plain, "The backend for the requests that `rollout.steps.match` describes."),
        Field(
            "servers_file", .plain,
            "The configuration file that holds the backend; our servers are written there for the next reload."),
        Field(
            "state_file", .plain,
            "The backend's server-state file. With it, servers are slots of the configuration, filled and emptied."),
        options,
    ]

    private static let nginx: [Field] = [
        Field("upstream", .plain, required: true, "The upstream that gets the servers."),
        Field("upstream_file", .plain, required: true, "The configuration file that holds it, an absolute path."),
        Field("match_upstream", .plain, "The upstream for the requests that `rollout.steps.match` describes."),
        Field("config", .plain, "nginx's main configuration file, where it is not the usual one."),
        Field("pid", .plain, fallback: "/run/nginx.pid", "The file with the number of nginx's master process."),
        Field("test", .list(.plain), "The command that tests the configuration, instead of `nginx -t`."),
        Field("reload", .list(.plain), "The command that loads it, instead of `nginx -s reload`."),
        options,
    ]

    private static let caddy: [Field] = [
        Field(
            "admin", .plain, fallback: "http://127.0.0.1:2019",
            "The admin API: `http://HOST:PORT`, or the absolute path of its socket."),
        Field("id", .plain, required: true, "The `@id` of the `reverse_proxy` handler."),
        Field(
            "match_route", .plain,
            "The `@id` of the route for the requests that `rollout.steps.match` describes; its first handler is a `reverse_proxy`."
        ),
    ]
}
