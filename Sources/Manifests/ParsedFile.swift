import Model

/// What one file holds, whatever path it stands under: the part of the work that is worth keeping by content.
struct ParsedFile: Sendable {
    /// Which schema a file is held to.
    enum Role: String, Sendable {
        case policy, workloads, deployment, deploy
    }

    struct PolicyPart: Sendable {
        var policy = Policy()
        var notices: [Notice] = []
        /// Nil where the file has no `pipeline`.
        var stages: [PlacedStage]?
        var afterPlace = Place()
        var inventory = Inventory()
    }

    struct WorkloadPart: Sendable {
        var workload: Workload
        var namePlace: Place
        var trafficPlace: Place
        var givesReplicas: Bool
        /// Whether its own `rollout` says how it is rolled out.
        var namesStrategy: Bool
        var takesResources: Bool
        /// Nil where its driver places instances elsewhere.
        var selection: HostSelection?
        var batchBy: HostSelection.Word?
        var dependencyPlaces: [Place]
        var notices: [Notice]
    }

    /// What a file at the root of the source gives one environment.
    struct Defaults: Sendable {
        var replicas: Int?
        var resources = Value.null
        var autoscaling: Autoscaling?
        var stages: [PlacedStage]?
        var notices: [Notice] = []
        var findings: [Finding] = []
    }

    struct PlacedStage: Sendable {
        var stage: Stage
        var place: Place
    }

    var findings: [Finding] = []
    var policy = PolicyPart()
    var workloads: [WorkloadPart] = []
    var defaults: [String: Defaults] = [:]
}

extension ParsedFile.PlacedStage {
    /// The stages of a list that was checked.
    static func all(in node: YAMLNode?) -> [ParsedFile.PlacedStage]? {
        node?.items.compactMap { item in
            item.text.flatMap(Stage.init).map { ParsedFile.PlacedStage(stage: $0, place: item.place) }
        }
    }
}
