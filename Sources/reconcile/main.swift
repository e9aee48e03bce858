import Commands
import Git
import Glibc

// The worker is a process of its own: it starts before anything else does.
if CommandLine.arguments.dropFirst().first == FetchWorker.argument { exit(FetchWorker.run()) }
CommandLineTool(Array(CommandLine.arguments.dropFirst())).runAndExit()
