extension ActReport {
    /// One report of something that is done with each target, at most so many together: the first failure, and all commands, both
    /// in the targets' order.
    package static func joining(
        _ targets: [InstanceTarget], together: Int, _ act: @escaping @Sendable (InstanceTarget) async -> ActReport
    ) async -> ActReport {
        var reports: [Int: ActReport] = [:]
        await withTaskGroup(of: (Int, ActReport).self) { group in
            for (index, target) in targets.enumerated() {
                if index >= together, let (done, report) = await group.next() { reports[done] = report }
                group.addTask { (index, await act(target)) }
            }
            for await (done, report) in group { reports[done] = report }
        }
        let all = targets.indices.compactMap { reports[$0] }
        return ActReport(failure: all.compactMap(\.failure).first, commands: all.flatMap(\.commands))
    }
}
