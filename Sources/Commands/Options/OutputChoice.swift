/// What `--output` or its variable says.
struct OutputChoice {
    var format = OutputFormat.text
    /// Goes before `format`; nil unless a command `reviews`.
    var review: ReviewFormat?

    /// Throws for a word that the command does not print.
    init(_ options: CommonOptions, _ variables: Variables, reviews: Bool) throws(CommandFailure) {
        let option = "--output"
        let review = (options.output ?? variables.text(option)).flatMap(ReviewFormat.init)
        if let review, !reviews {
            throw .usage(
                "only `reconcile validate` prints \(review.rawValue)",
                advice: "for other commands --output is one of \(OutputFormat.words.joined(separator: ", "))")
        }
        self.review = review
        guard review == nil else { return }
        format = try variables.word(
            option, given: options.output, otherwise: .text, also: reviews ? ReviewFormat.allCases.map(\.rawValue) : [])
    }
}
