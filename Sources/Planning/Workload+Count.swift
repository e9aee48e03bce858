import Model

extension Workload {
    /// How many instances are wanted: `replicas`, or within the limits of `autoscaling` what the record keeps, or else what
    /// is there. `versions` says how many instances of each version that is, nil where the workload is new: then it is
    /// `replicas` within the limits. While versions are mixed, what is there counts only up to `replicas`.
    func count(kept: Int? = nil, versions: [Int]?) -> Int {
        guard let limits = autoscaling else { return replicas }
        if let kept { return limits.clamped(kept) }
        guard let versions, let most = versions.max() else { return limits.clamped(replicas) }
        return limits.clamped(versions.count < 2 ? most : max(most, min(versions.reduce(0, +), replicas)))
    }
}
