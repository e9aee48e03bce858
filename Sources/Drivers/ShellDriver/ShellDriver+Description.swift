import DriverKit
import Model

extension ShellDriver {
    /// The block `shell:` and what it may hold.
    package var description: DriverDescription {
        DriverDescription(
            name: "shell",
            block: [
                .init("env", .variables, "Variables for every command; names that begin with RECONCILE_ are ours."),
                .init(
                    "files", .list(.sourcePath),
                    "Files and folders of the source that the commands find in their working directory."),
                .init(
                    "observe", .text, required: true,
                    "Prints the digest of what is in place; prints nothing where nothing is."),
                .init("apply", .text, required: true, "Puts the instance in place; must be safe to repeat."),
                .init("remove", .text, required: true, "Removes the instance; must be safe to repeat."),
                .init("health", .text, "Exits 0 once the instance is healthy; asked every second."),
                .init("traffic", .text, "Gives the instance's side RECONCILE_WEIGHT percent of the traffic."),
                .init("timeout", .durationAtLeast(1), fallback: "60s", "How long one command may run."),
            ],
            ignoredRolloutKeys: [
                "order": "rollout.order is not acted on: the shell driver updates an instance in place."
            ], trafficKey: "traffic")
    }
}
