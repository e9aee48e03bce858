/// How a workload's requests are to be shared out among its instances.
package struct Routing: Hashable, Sendable, Codable {
    /// One instance that requests may go to.
    package struct Member: Hashable, Sendable, Codable {
        /// The instance's name, `web-1`.
        package var instance: String
        /// Counts from 1.
        package var index: Int
        /// What runs there: an id of the plan's table.
        package var deployable: Digest

        /// All parts.
        package init(instance: String, index: Int, deployable: Digest) {
            self.instance = instance
            self.index = index
            self.deployable = deployable
        }
    }

    /// Instances that share what their side gets in equal parts.
    package struct Side: Hashable, Sendable, Codable {
        /// Which version it is.
        package enum Name: String, Hashable, Sendable, Codable {
            case new, old
        }

        /// Which version it is.
        package var name: Name
        /// Its instances.
        package var members: [Member]
        /// The side's percent of all requests, 0–100.
        package var weight: Int

        /// All parts.
        package init(_ name: Name, _ members: [Member], weight: Int) {
            self.name = name
            self.members = members
            self.weight = weight
        }
    }

    /// The workload's `traffic` block as it was checked; null where only the driver itself can shift traffic.
    package var traffic: Value
    /// Who gets what.
    package var sides: [Side]
    /// Who leaves and is on no side: a balancer sees that by itself, a driver's own command is told.
    package var leaving: [Member]
    /// Whether these are all there are, so that whoever is not named leaves. Else only the named ones change: with a
    /// weight above 0 to a full member like all others, with 0 to none.
    package var isWhole: Bool
    /// How long those who leave may finish what they have begun.
    package var drain: TimeSpan
    /// Which requests go to the new side whatever the weights, `{header: {name, value}}` or `{cookie: {name, value}}`;
    /// null for none.
    package var match: Value
    /// Whether the workload's requests are shared out at another place from now on, and this one only lets go.
    package var isFormer: Bool

    /// All parts.
    package init(
        traffic: Value, sides: [Side], isWhole: Bool, drain: TimeSpan = .seconds(30), match: Value = .null,
        leaving: [Member] = [], isFormer: Bool = false
    ) {
        self.traffic = traffic
        self.sides = sides
        self.isWhole = isWhole
        self.drain = drain
        self.match = match
        self.leaving = leaving
        self.isFormer = isFormer
    }

    /// Whether it only takes all instances out, at a place that is not asked any more.
    package var isFarewell: Bool { isWhole && sides.isEmpty }

    /// `new 10 %, old 90 %`; for a patch `web-1 100 %`.
    package var weights: String {
        guard isWhole else {
            return sides.flatMap { side in side.members.map { "\($0.instance) \(side.weight) %" } }
                .joined(separator: ", ")
        }
        return sides.map { "\($0.name.rawValue) \($0.weight) %" }.joined(separator: ", ")
    }
}

extension Routing {
    /// Reads what any version has written: what is not there keeps its default.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            traffic: try values.decode(Value.self, forKey: .traffic),
            sides: try values.decode([Side].self, forKey: .sides),
            isWhole: try values.decode(Bool.self, forKey: .isWhole),
            drain: try values.decode(TimeSpan.self, forKey: .drain),
            match: try values.decode(Value.self, forKey: .match),
            leaving: try values.decodeIfPresent([Member].self, forKey: .leaving) ?? [],
            isFormer: try values.decodeIfPresent(Bool.self, forKey: .isFormer) ?? false)
    }
}
