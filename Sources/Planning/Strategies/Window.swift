/// Which steps the next of a row has to wait for when `size` may be under way together.
struct Window {
    private let size: Int
    private let first: [Int]
    private var ends: [[Int]] = []

    init(size: Int, after: [Int]) {
        self.size = size
        first = after
    }

    var next: [Int] { ends.count < size ? first : ends[ends.count - size] }

    /// The ends that nothing of the row waits for.
    var last: [Int] { ends.isEmpty ? first : ends.suffix(size).flatMap { $0 } }

    /// What follows waits for everything so far.
    mutating func close() { self = Window(size: size, after: last) }

    mutating func append(_ end: [Int]) { ends.append(end) }
}
