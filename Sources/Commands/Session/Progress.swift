import Engine
import Glibc

/// Events of a single pass, on standard error.
enum Progress {
    /// Warnings always, all else only where somebody watches.
    static func sink(_ output: Output) -> EventSink {
        let shows = output.showsProgress
        return { event in
            switch event.kind {
            // The result says it.
            case .fetchFailed, .outcome: break
            case .warning, .notifyFailed: Output.write("reconcile: " + EventText.line(event), to: STDERR_FILENO)
            case .started, .fetched, .ending, .ended, .planned, .step, .progress:
                if shows { Output.write(EventText.line(event), to: STDERR_FILENO) }
            }
        }
    }
}
