import Model

/// Why a walk over trees ended early.
enum WalkFailure: Error {
    case library(GitFailure)
    case source(SourceError)
}
