import Commands
import Git
import Glibc

// The worker is a process of its own: it starts before anything else does, and has nothing to tidy up at its end.
if CommandLine.arguments.dropFirst().first == FetchWorker.argument { _exit(FetchWorker.run()) }
if let status = Askpass.answer(Array(CommandLine.arguments.dropFirst())) { _exit(status) }
CommandLineTool(Array(CommandLine.arguments.dropFirst())).runAndExit()
