/**
 * `@lsmkit/sandbox`: programs under one mandatory policy, in ten lines. The exports of this file are the public
 * interface.
 */
export type { Allow, Peer } from './allow.ts'
export type { Applied, ApplyOptions, Change, ChangesOptions, LeftOut } from './cow/change.ts'
export type { Device } from './devices.ts'
export type { ShellRun, ShellSource, ShOptions } from './shell.ts'
export type { CallRefusal, DeniedAct, Denial, Permit } from './denial.ts'
export type { Denials } from './denial-queue.ts'
export type { Explanation } from './explain.ts'
export { Dirent, Stats } from '@lsmkit/kernel/files'
export { SandboxFs } from './fs/sandbox-fs.ts'
export { hostFolder, memory } from './places.ts'
export type { HostFolder, Memory, Place } from './places.ts'
export { checkPolicy, POLICY_VERSION } from './policy.ts'
export type { ModuleSource, Policy, User } from './policy.ts'
export type { ProgramSource, RunOptions, RunResult, TerminalChoice, Usage } from './run-options.ts'
export { createSandbox, Sandbox } from './sandbox.ts'
export type { SandboxOptions } from './sandbox.ts'
export { SandboxError } from './sandbox-error.ts'
export type { ErrorPlace, SandboxErrorCode, SandboxErrorParts } from './sandbox-error.ts'
export type { Snapshot, SnapshotEntry, SnapshotPlace } from './snapshot.ts'
