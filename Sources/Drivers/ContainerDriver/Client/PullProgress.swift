import FoundationEssentials

/// What the lines of a pull add up to.
struct PullProgress {
    let image: String
    /// What went wrong, as the engine said it.
    private(set) var failure: String?
    private var rest: [UInt8] = []
    private var layers: [String: (current: Int, total: Int, isDone: Bool)] = [:]
    private var lastTold: Int64 = 0

    /// Lines longer than this are not looked at, in bytes.
    private static let limit = 65_536

    init(image: String) { self.image = image }

    /// Takes more of the answer; gives a line where it is time for one.
    mutating func take(_ bytes: some Sequence<UInt8>, at now: Int64) -> String? {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                note(rest)
                rest.removeAll(keepingCapacity: true)
            } else if rest.count < PullProgress.limit {
                rest.append(byte)
            }
        }
        guard now - lastTold >= 500, !layers.isEmpty else { return nil }
        lastTold = now
        let done = layers.values.count { $0.isDone }
        let (current, total) = layers.values.reduce((0, 0)) { ($0.0 + $1.current, $0.1 + $1.total) }
        return "pulling \(image): \(done) of \(layers.count) layers, \(current >> 20) of \(total >> 20) MiB"
    }

    private mutating func note(_ line: [UInt8]) {
        guard let step = try? JSONDecoder().decode(PullStep.self, from: Data(line)) else { return }
        if let error = step.error { failure = error }
        guard let id = step.id, let status = step.status, layers.count < 1000 else { return }
        switch status {
        case "Pulling fs layer", "Waiting": layers[id] = (0, 0, false)
        case "Downloading":
            layers[id] = (step.progressDetail?.current ?? 0, step.progressDetail?.total ?? 0, false)
        case "Pull complete", "Already exists":
            let total = layers[id]?.total ?? 0
            layers[id] = (total, total, true)
        default: break
        }
    }
}
