import Model

/// Whom a monitor asks about: one instance, or a side as a whole.
package struct MonitorSubject: Sendable {
    /// Which version it is.
    package enum Side: String, Sendable {
        case canary, baseline
    }

    /// Which version it is.
    package var side: Side
    /// The environment's name.
    package var environment: String
    /// The workload's name.
    package var workload: String
    /// The instance's name; empty for the side as a whole.
    package var instance: String
    /// Where the instance is reached, `host:port`; nil where its driver cannot say or it was not asked.
    package var address: String?
    /// The names of all instances of the side.
    package var instances: [String]
    /// The addresses of all instances of the side; empty where one of them has none.
    package var addresses: [String]
    /// What commands get as variables besides ours.
    package var variables: [String: String]
    /// Where commands run; nil for our own working directory.
    package var folder: String?

    /// All parts.
    package init(
        side: Side, environment: String, workload: String, instance: String = "", address: String? = nil,
        instances: [String] = [], addresses: [String] = [], variables: [String: String] = [:], folder: String? = nil
    ) {
        self.side = side
        self.environment = environment
        self.workload = workload
        self.instance = instance
        self.address = address
        self.instances = instances
        self.addresses = addresses
        self.variables = variables
        self.folder = folder
    }
}
