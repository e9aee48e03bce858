/// Numbers of things in a sentence.
package enum Plural {
    /// `1 change`, `3 changes`.
    package static func count(_ number: Int, _ thing: String) -> String {
        "\(number) \(thing)\(number == 1 ? "" : "s")"
    }
}
