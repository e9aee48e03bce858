/// Where a worker is, a line each on its standard output, so that a deadline can say what it was waiting for.
enum FetchPhase: String {
    case connecting, waiting, downloading, tidying
}
