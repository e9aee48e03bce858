/// Why a child process never ran: one sentence for people, without any secret.
struct NotStarted: Error {
    var reason: String
}
