import AsyncHTTPClient
import NIOCore

/// The parts of an answer as they come, one asked for at a time.
actor PartReader {
    private var parts: HTTPClientResponse.Body.AsyncIterator?
    private var isBusy = false

    init(_ response: HTTPClientResponse) { parts = response.body.makeAsyncIterator() }

    /// Nil at the end. Not to be asked again before it answered; a wait that was given up ends it.
    func next() async throws -> ByteBuffer? {
        guard !isBusy, var taken = parts else { return nil }
        isBusy = true
        let part = try await taken.next(isolation: self)
        parts = taken
        isBusy = false
        return part
    }
}
