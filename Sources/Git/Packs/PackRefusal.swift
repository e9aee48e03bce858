/// Why a pack is not taken.
enum PackRefusal: Error, Hashable {
    /// More than the limits allow: what, how much, and the limit.
    case tooLarge(String)
    /// No pack, or one that is damaged.
    case damaged(String)
}
