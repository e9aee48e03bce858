/// How a workload's instances are changed.
package struct RolloutPolicy: Hashable, Sendable, Codable {
    /// The strategy's name as in the manifest.
    package enum Strategy: String, Hashable, Sendable, Codable, CaseIterable {
        case rolling, canary, recreate
        case blueGreen = "blue-green"

        /// Whether a whole new side comes up beside the old one, wherever instances run.
        package var hasTwoSides: Bool { self == .blueGreen }

        /// Whether two versions never run together.
        package var isExclusive: Bool { self == .recreate }
    }

    /// Which of an old and a new instance goes first.
    package enum Order: String, Hashable, Sendable, Codable, CaseIterable {
        case startFirst = "start-first"
        case stopFirst = "stop-first"
    }

    /// Who decides that a new version gets everything.
    package enum Promotion: String, Hashable, Sendable, Codable, CaseIterable {
        case automatic, manual
    }

    /// Which strategy compiles the change to steps.
    package var strategy: Strategy
    /// How many instances are worked on together.
    package var maxParallel: Share
    /// How long an instance must stay healthy without a break.
    package var minHealthyTime: TimeSpan
    /// How long an instance may take until it is healthy.
    package var healthyDeadline: TimeSpan
    /// How long a workload may go without an instance finishing.
    package var progressDeadline: TimeSpan
    /// Which goes first where old and new can run beside each other.
    package var order: Order
    /// How many instances may be missing while it goes on; nil: none where new ones start first, else `maxParallel`.
    package var maxUnavailable: Share?
    /// How long an instance that leaves may finish what it has begun.
    package var drainTimeout: TimeSpan
    /// The steps of a canary; none stands for `defaultSteps`.
    package var steps: [RolloutStep]
    /// Who decides that a new version gets everything.
    package var promotion: Promotion
    /// What the new side is asked before it gets any traffic.
    package var preview: [Check]
    /// How long the old side is kept after the switch.
    package var keepOld: TimeSpan
    /// How many hosts get a new version before all others; nil: one where another version runs.
    package var first: Share?
    /// The label whose values are gone through one after the other; nil where hosts are in no batches.
    package var batchBy: String?
    /// How many hosts may be out of reach before the workload is left alone.
    package var maxUnreachable: Share

    /// All parts; the defaults are those of the manifest.
    package init(
        strategy: Strategy = .rolling, maxParallel: Share = .count(1), minHealthyTime: TimeSpan = .seconds(10),
        healthyDeadline: TimeSpan = .seconds(300), progressDeadline: TimeSpan = .seconds(600),
        order: Order = .startFirst, maxUnavailable: Share? = nil, drainTimeout: TimeSpan = .seconds(30),
        steps: [RolloutStep] = [], promotion: Promotion = .automatic, preview: [Check] = [],
        keepOld: TimeSpan = .seconds(600), first: Share? = nil, batchBy: String? = nil,
        maxUnreachable: Share = .percent(100)
    ) {
        self.strategy = strategy
        self.maxParallel = maxParallel
        self.minHealthyTime = minHealthyTime
        self.healthyDeadline = healthyDeadline
        self.progressDeadline = progressDeadline
        self.order = order
        self.maxUnavailable = maxUnavailable
        self.drainTimeout = drainTimeout
        self.steps = steps
        self.promotion = promotion
        self.preview = preview
        self.keepOld = keepOld
        self.first = first
        self.batchBy = batchBy
        self.maxUnreachable = maxUnreachable
    }

    /// The steps of a canary that names none.
    package static let defaultSteps: [RolloutStep] = [
        .weight(10), .monitor(.seconds(300)), .weight(50), .monitor(.seconds(600)),
    ]

    /// How many of `whole` may be missing at a moment, where the old ones go first or where the new ones do.
    package func unavailable(of whole: Int, isStopFirst: Bool) -> Int {
        if let maxUnavailable { return maxUnavailable.part(of: whole) }
        return isStopFirst ? maxParallel.parallel(of: whole) : 0
    }
}

extension RolloutPolicy {
    /// Reads what any version has written: what is not there keeps its default.
    package init(from decoder: any Decoder) throws {
        self.init()
        let values = try decoder.container(keyedBy: CodingKeys.self)
        strategy = try values.decode(Strategy.self, forKey: .strategy)
        maxParallel = try values.decode(Share.self, forKey: .maxParallel)
        minHealthyTime = try values.decode(TimeSpan.self, forKey: .minHealthyTime)
        healthyDeadline = try values.decode(TimeSpan.self, forKey: .healthyDeadline)
        progressDeadline = try values.decode(TimeSpan.self, forKey: .progressDeadline)
        order = try values.decodeIfPresent(Order.self, forKey: .order) ?? order
        maxUnavailable = try values.decodeIfPresent(Share.self, forKey: .maxUnavailable)
        drainTimeout = try values.decodeIfPresent(TimeSpan.self, forKey: .drainTimeout) ?? drainTimeout
        steps = try values.decodeIfPresent([RolloutStep].self, forKey: .steps) ?? steps
        promotion = try values.decodeIfPresent(Promotion.self, forKey: .promotion) ?? promotion
        preview = try values.decodeIfPresent([Check].self, forKey: .preview) ?? preview
        keepOld = try values.decodeIfPresent(TimeSpan.self, forKey: .keepOld) ?? keepOld
        first = try values.decodeIfPresent(Share.self, forKey: .first)
        batchBy = try values.decodeIfPresent(String.self, forKey: .batchBy)
        maxUnreachable = try values.decodeIfPresent(Share.self, forKey: .maxUnreachable) ?? maxUnreachable
    }
}
