import Glibc
import Synchronization

/// What a credential program said, for as long as it said that it holds; nothing of one that did not say.
final class CredentialMemory: Sendable {
    private let known = Mutex<CredentialAsking.Answer?>(nil)

    /// Nil where the program must be asked: a minute before the end a fetch might not come through.
    var answer: CredentialAsking.Answer? {
        known.withLock { answer in
            guard let until = answer?.validUntil, until - 60 > Int(time(nil)) else { return nil }
            return answer
        }
    }

    func keep(_ answer: CredentialAsking.Answer) { known.withLock { $0 = answer } }

    /// To be called where a server refused: a token may be taken back before its time.
    func forget() { known.withLock { $0 = nil } }
}
