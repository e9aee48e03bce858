/// The smallest act that is journaled.
package struct Step: Hashable, Sendable, Codable, Identifiable {
    /// What sort of act it is.
    package enum Kind: String, Hashable, Sendable, Codable {
        case start, stop, monitor, pause, approve
        case waitHealthy = "wait-healthy"
        case shiftTraffic = "shift-traffic"
        case smokeTest = "smoke-test"
    }

    /// What is to be done, whole: the executor needs nothing else.
    package enum Act: Hashable, Sendable, Codable {
        /// Bring an instance to a deployable (an id of the plan's table) and see that it got there.
        case start(Digest)
        /// Remove an instance by what was recorded for it and see that it is gone.
        case stop(Digest)
        /// Ask until the instance was healthy for `minimum` without a break, or `deadline` has passed.
        case waitHealthy(Digest, minimum: TimeSpan, deadline: TimeSpan)
        /// Ask once, with the tries of a smoke test.
        case smokeTest(Check)
        /// The same of one instance, at its own ports.
        case preview(Check, of: Digest)
        /// Share a workload's requests out anew and see that the balancer does so.
        case shiftTraffic(Routing)
        /// Watch the new side for a while, beside the old one.
        case monitor(Watch)
        /// Let so much time pass.
        case pause(TimeSpan)
        /// Go on when a person has agreed; what is asked is one sentence.
        case approve(String)
    }

    /// How far it is.
    package enum State: String, Hashable, Sendable, Codable {
        case planned, running, done, failed, skipped
    }

    /// A turn of a row: so many of the row may be under way together, and they begin in their order.
    package struct Turn: Hashable, Sendable, Codable {
        /// The same for all turns of a row, and of no other.
        package var row: Int
        /// How many, at least 1.
        package var together: Int

        /// All parts.
        package init(row: Int, together: Int) {
            self.row = row
            self.together = together
        }
    }

    /// Counts from 1 within its reconcile.
    package var id: Int
    /// What sort of act.
    package var kind: Kind
    /// Nil for what concerns the whole environment.
    package var workload: String?
    /// Nil for what concerns no single instance.
    package var instance: String?
    /// The instance's number from 1; 0 where there is none.
    package var index: Int
    /// What is to be done.
    package var act: Act
    /// The steps that must be done before this one begins.
    package var after: [Int]
    /// The turn that it begins, for which it waits, too; nil where it begins none.
    package var begins: Turn?
    /// The row of which it ends a turn; nil where it ends none.
    package var ends: Int?
    /// How long its workload may go without a step finishing; nil where that is not watched.
    package var progressDeadline: TimeSpan?
    /// One line for people: `start web-1 at 3fa9…`.
    package var text: String
    /// Whether its instance may be given up when it gets out of reach, so that the others go on; nil stands for no.
    package var isLosable: Bool?

    /// All parts.
    package init(
        id: Int, kind: Kind, workload: String?, instance: String?, index: Int, act: Act, after: [Int],
        progressDeadline: TimeSpan?, text: String, isLosable: Bool? = nil
    ) {
        self.id = id
        self.kind = kind
        self.workload = workload
        self.instance = instance
        self.index = index
        self.act = act
        self.after = after
        self.progressDeadline = progressDeadline
        self.text = text
        self.isLosable = isLosable
    }

    /// Whether it only waits and asks, so that it may be cut short at any moment without harm.
    package var isWait: Bool {
        switch kind {
        case .waitHealthy, .monitor, .pause, .approve: true
        case .start, .stop, .shiftTraffic, .smokeTest: false
        }
    }

    /// The time that it takes even if everything is at its best.
    package var leastTime: TimeSpan {
        switch act {
        case .waitHealthy(_, let minimum, _): minimum
        case .monitor(let watch): watch.span
        case .pause(let span): span
        case .start, .stop, .smokeTest, .preview, .shiftTraffic, .approve: .zero
        }
    }
}
