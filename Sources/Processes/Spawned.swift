import Glibc

/// A process that was just started, and our ends of what connects us to it.
struct Spawned {
    var pid: pid_t
    /// Becomes readable when it ends.
    var handle: Descriptor
    var output: Descriptor
    /// Nil where errors go into the output.
    var errors: Descriptor?
    /// Nil where it gets no input.
    var input: Descriptor?
}
