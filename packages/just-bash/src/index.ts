/** `@lsmkit/just-bash`: just-bash on a kernel. What is exported here is what we promise. */
export { bash, openShell } from './bash.ts'
export type { BoxInside, BoxShellOptions, BoxShOptions, ShellSource } from './bash.ts'
export { KernelFs } from './kernel-fs.ts'
export { installPrograms, programNames } from './programs.ts'
export { Shell } from './shell.ts'
export type { ProgramInput, ProgramOutput, RunProgram, ShellOptions, ShOptions, ShResult } from './shell.ts'
