/**
 * `@lsmkit/sandbox/inside`: the kernel of an inline box and tasks under its policy, for adapters: a shell, a tool, a
 * file system of another library.
 */
export { denialOf } from './denials.ts'
export type { OpenShell, Shell, ShellEnd, ShellRequest, ShellSource } from './shell.ts'
export { FetchError } from './hosts/http.ts'
export type { FetchFailure, FetchRequest, FetchResponse, HeaderList } from './hosts/http.ts'
export { insideOf } from './inside-of.ts'
export type {
  Inside, InsideLimits, InsideRun, InsideWatcher, ProgramInput, ProgramOutput, TaskChoice,
} from './inside-box.ts'
export type { RunRefusals } from './run-denials.ts'
export type { StartThread, ThreadEnd, WorkThread } from './work-thread.ts'
