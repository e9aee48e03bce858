import Model

/// Which hosts are done before which others.
struct HostBatches {
    /// The batch of each instance, by its name; none where all are one.
    private var batches: [String: String] = [:]

    /// All are one batch.
    init() {}

    /// The batches of a workload's instances by the label of its `batch_by`; nil where it is not on hosts.
    init?(_ workload: Workload, _ inventory: Inventory) {
        guard let hosts = workload.hosts else { return nil }
        guard let label = workload.rollout.batchBy else { return }
        let byName = inventory.byName
        for host in hosts { batches[workload.instance(on: host)] = byName[host]?.labels[label] }
    }

    /// Whether one may be changed only when the other is done.
    func divides(_ item: WorkloadWork.Item, _ next: WorkloadWork.Item) -> Bool {
        batches[item.instance] != batches[next.instance]
    }
}
