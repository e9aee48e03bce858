/// How far the turns of a row are.
struct TurnRow: Sendable {
    private let together: Int
    /// The steps that begin a turn, in order.
    private var heads: [Int] = []
    private var begun = 0
    private var ended = 0
    /// No head before this place is planned.
    private var place = 0

    init(together: Int) { self.together = together }

    /// Whether one more may begin.
    var isOpen: Bool { begun - ended < together }

    mutating func add(_ head: Int) { heads.append(head) }

    mutating func begin() { begun += 1 }

    /// One that had begun has not.
    mutating func takeBack() {
        begun -= 1
        place = 0
    }

    mutating func end() { ended += 1 }

    /// The first that has not begun.
    mutating func next(isPlanned: (Int) -> Bool) -> Int? {
        while place < heads.count, !isPlanned(heads[place]) { place += 1 }
        return place < heads.count ? heads[place] : nil
    }
}
