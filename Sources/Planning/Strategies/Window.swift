/// A row of turns, of which `size` may be under way together. Whoever is done lets the next begin, so the turns overtake each
/// other.
struct Window {
    let size: Int
    /// What each turn waits for.
    let first: [Int]
    private var ends: [Int] = []
    /// The id of its first step, by which steps know the row; nil before there is one.
    private(set) var row: Int?

    init(size: Int, after: [Int]) {
        self.size = size
        first = after
    }

    /// What follows the row waits for all of it.
    var last: [Int] { ends.isEmpty ? first : ends }

    /// What follows waits for everything so far.
    mutating func close() { self = Window(size: size, after: last) }

    /// Gives the row's id.
    mutating func append(_ head: Int, _ end: Int) -> Int {
        ends.append(end)
        let row = row ?? head
        self.row = row
        return row
    }
}
