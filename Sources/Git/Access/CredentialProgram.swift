/// A program that knows a user and a password for http and https. It is asked before each fetch, its output never shown.
package enum CredentialProgram: Hashable, Sendable {
    /// A git credential helper, as git's `credential.helper` names it.
    case helper(String)
    /// A line for `/bin/sh` that prints `username=` and `password=` lines, or a token and nothing else.
    case command(String)
}
