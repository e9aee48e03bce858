import DriverKit
import Model

/// The drivers there are, by name.
package struct DriverRegistry: Sendable {
    private let drivers: [String: any Driver]

    /// Later drivers of a name win.
    package init(_ drivers: [any Driver]) {
        self.drivers = Dictionary(drivers.map { ($0.description.name, $0) }, uniquingKeysWith: { _, last in last })
    }

    /// The driver of a name, if there is one.
    package subscript(name: String) -> (any Driver)? { drivers[name] }

    /// All of them.
    var all: [any Driver] { Array(drivers.values) }

    /// What manifests need to know of them, by name.
    package var descriptions: [DriverDescription] {
        drivers.values.map(\.description).sorted { $0.name < $1.name }
    }

    /// Tells each of all that is wanted of it in an environment or recorded, before it is asked anything of that; of nothing,
    /// too.
    func prepare(_ all: [Deployable], of environment: String) async {
        let groups = Dictionary(grouping: all, by: \.driver)
        for (name, driver) in drivers { await driver.prepare(groups[name] ?? [], of: environment) }
    }

    /// Ends what they keep running. They are asked nothing afterwards.
    package func close() async {
        for driver in drivers.values { await driver.close() }
    }

    /// Whether an instance's health would be asked at all.
    func asksHealth(_ deployable: Deployable) -> Bool {
        deployable.health != nil || (drivers[deployable.driver]?.asksHealth(block: deployable.block) ?? false)
    }

    /// Whether old and new instances of a driver's workloads can run beside each other.
    func placement(_ driver: String) -> DriverDescription.Placement {
        drivers[driver]?.description.placement ?? .inPlace
    }
}
