/// How far a pull is: a line of its answer; the keys are the API's own.
struct PullStep: Decodable, Sendable {
    struct Detail: Decodable, Sendable {
        var current: Int?
        var total: Int?
    }

    var id: String?
    var status: String?
    var error: String?
    var progressDetail: Detail?
}
