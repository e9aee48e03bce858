import Model

/// Which of a workload's instances are in place, and which numbers the others take. By count: whoever runs what is wanted
/// is in place whatever its number, where old and new can run beside each other; else instances are 1 to `count`.
struct Placing: Placed {
    private(set) var staying: [Difference.Item] = []
    private(set) var starts: [Difference.Item] = []
    private(set) var leaving: [Difference.Item] = []
    private(set) var removals: [Difference.Item] = []
    private(set) var vanished: [InstanceRecord] = []
    /// What was seen of those that are not in place, for people.
    private(set) var seen: [(String, Observation)] = []
    /// Whether what differs is not as it was left: git says otherwise than the record.
    private(set) var differsFromRecord = false
    private(set) var anyRunning = false

    private let workload: Workload
    private let deployable: Deployable
    private let own: [Int: InstanceRecord]
    private let observe: (Int) -> Observation

    /// `replaced` are the instances of another driver that are there; `observe` tells of an instance's number.
    init(
        _ workload: Workload, _ deployable: Deployable, count: Int, isSideBySide: Bool, own: [InstanceRecord],
        replaced: [InstanceRecord], observe: @escaping (Int) -> Observation
    ) {
        self.workload = workload
        self.deployable = deployable
        self.own = Dictionary(own.map { ($0.index, $0) }, uniquingKeysWith: { first, _ in first })
        self.observe = observe
        differsFromRecord = own.isEmpty || !replaced.isEmpty
        if isSideBySide { beside(count, replaced) } else { inPlace(count, replaced) }
    }

    private func item(_ index: Int, old: Deployable? = nil, isReplaced: Bool = false) -> Difference.Item {
        .init(instance: workload.instance(index), index: index, old: old, isReplaced: isReplaced)
    }

    private func isWanted(_ observation: Observation) -> Bool { observation == .running(deployable.digest.hex) }

    private mutating func inPlace(_ count: Int, _ replaced: [InstanceRecord]) {
        for index in 0..<count {
            let index = index + 1
            let observed = observe(index)
            let record = own[index]
            let old = replaced.first { $0.index == index }
            if observed != .absent { anyRunning = true }
            if isWanted(observed) && old == nil {
                staying.append(item(index, old: deployable))
                continue
            }
            if record?.deployable.digest != deployable.digest || record?.digest == nil { differsFromRecord = true }
            seen.append((workload.instance(index), observed))
            let there = observed == .absent ? nil : record?.deployable ?? deployable
            starts.append(item(index, old: old?.deployable ?? there, isReplaced: old != nil))
        }
        let surplus = own.values.filter { $0.index > count && observe($0.index) != .absent }
        vanished = own.values.filter { $0.index > count && observe($0.index) == .absent }.sorted { $0.index < $1.index }
        remove(surplus + replaced.filter { $0.index > count })
    }

    private mutating func beside(_ count: Int, _ replaced: [InstanceRecord]) {
        let numbers = workload.numbers(.sideBySide, recorded: own.keys)
        let present = numbers.filter { observe($0) != .absent }
        anyRunning = !present.isEmpty
        let matching = present.filter { isWanted(observe($0)) }
        let ranked = matching.filter { own[$0] != nil } + matching.filter { own[$0] == nil }
        staying = ranked.prefix(count).sorted().map { item($0, old: deployable) }
        remove(ranked.dropFirst(count).map { own[$0] ?? record($0) })
        for index in present where !isWanted(observe(index)) {
            leaving.append(item(index, old: own[index]?.deployable ?? deployable))
            seen.append((workload.instance(index), observe(index)))
            if own[index]?.deployable.digest != deployable.digest { differsFromRecord = true }
        }
        let gone = own.values.filter { observe($0.index) == .absent }.sorted { $0.index < $1.index }
        let known = own.values.count { $0.deployable.digest == deployable.digest && $0.digest != nil }
        if known < count { differsFromRecord = true }
        for record in gone {
            if record.deployable.digest == deployable.digest, staying.count + starts.count < count {
                starts.append(item(record.index))
                seen.append((record.instance, .absent))
            } else {
                vanished.append(record)
            }
        }
        var others = replaced
        while staying.count + starts.count < count, let record = others.first {
            others.removeFirst()
            if present.contains(record.index) || starts.contains(where: { $0.index == record.index }) {
                remove([record])
            } else {
                starts.append(item(record.index, old: record.deployable, isReplaced: true))
            }
        }
        remove(others)
        var taken = Set(present).union(starts.map(\.index)).union(replaced.map(\.index))
        var next = 1
        while staying.count + starts.count < count {
            if taken.insert(next).inserted { starts.append(item(next)) }
            next += 1
        }
    }

    /// What is there and was not recorded, as if it had been.
    private func record(_ index: Int) -> InstanceRecord {
        InstanceRecord(
            workload: workload.name, instance: workload.instance(index), index: index, deployable: deployable,
            commit: "", digest: nil)
    }

    private mutating func remove(_ records: some Sequence<InstanceRecord>) {
        for record in records.sorted(by: { $0.index > $1.index }) {
            differsFromRecord = true
            removals.append(item(record.index, old: record.deployable))
        }
    }
}
