/// What a manifest may hold at one place: checked, documented and published from this one description.
package indirect enum Schema: Sendable {
    /// Named keys; anything else is a problem.
    case object([Field])
    /// Named keys, and any others: whatever YAML can say, every scalar as the string that was written. A secret may
    /// stand wherever a string may.
    case open([Field])
    /// An object that has exactly one of the first keys, and any of the others.
    case oneOf([Field], with: [Field])
    /// A string; a secret may stand in its place.
    case text
    /// A string that is never a secret.
    case plain
    /// A string of a form that a driver knows; never a secret.
    case form(TextForm)
    /// A name: `[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?`.
    case name
    /// A path in the source, relative to its folder: no `..`, no leading `/`.
    case sourcePath
    case integer(ClosedRange<Int>)
    /// A number such as `0.01` in this range; stays a string.
    case number(ClosedRange<Double>)
    case boolean
    /// `500ms`, `10s`, `1h30m`; becomes a whole number of milliseconds.
    case duration
    /// A duration of at least so many milliseconds.
    case durationAtLeast(Int)
    /// A count or `25%`; stays a string.
    case share
    /// `25%`; stays a string.
    case percentage
    /// A stage of a pipeline: `deploy-full`, `deploy-canary (10%)`, `monitor (5m)`, …; stays a string.
    case stage
    /// A Kubernetes quantity such as `500m` or `512Mi` that makes sense for what it is of; stays a string.
    case quantity(Quantity.Kind)
    case choice([String])
    case list(Schema)
    /// Free keys, one schema for every value.
    case map(Schema)
    /// Variables of a command: free names besides those that begin with `RECONCILE_`; a string or a secret each.
    case variables
    /// A name alone, or an object with a `name` among these keys; a name alone becomes such an object.
    case nameOr([Field])
    /// A list of names alone, or an object with that list under `key`; a list alone becomes such an object.
    case namesOr(key: String, [Field])
    /// Which hosts: a name, a list of names, or a map of labels that must all match.
    case selection
    /// One or several: a single value stands for a list of one.
    case oneOrMore(Schema)
    /// Not looked into.
    case anything

    /// What the names of variables begin with that we set for commands ourselves.
    package static let ownVariables = "RECONCILE_"

    /// One key of an object.
    package struct Field: Sendable {
        /// What happens with a key.
        package enum Standing: Sendable {
            /// It is acted on.
            case acted
            /// It is accepted, checked and named in the plan as not acted on yet.
            case notYet
            /// Some drivers act on it; with the others it is named in the plan like `notYet`.
            case someDrivers
            /// It restrains and is not built yet: the environment waits.
            case restrains
        }

        /// The key.
        package var name: String
        /// What may stand there.
        package var schema: Schema
        /// Whether it must be there.
        package var required: Bool
        /// What holds where it is not there, as the manifest would write it.
        package var fallback: String?
        /// What happens with it.
        package var standing: Standing
        /// Values of an acted key that are not acted on as written, each with what happens instead.
        package var notYet: [String: String]
        /// One sentence for the reference and for editors.
        package var summary: String

        /// All parts.
        package init(
            _ name: String, _ schema: Schema, required: Bool = false, fallback: String? = nil,
            standing: Standing = .acted, notYet: [String: String] = [:], _ summary: String
        ) {
            self.name = name
            self.schema = schema
            self.required = required
            self.fallback = fallback
            self.standing = standing
            self.notYet = notYet
            self.summary = summary
        }
    }
}
