/**
 * `@lsmkit/sandbox/inside`: the kernel of an inline box and tasks under its policy, for adapters: a shell, a tool, a
 * file system of another library.
 */
export { TaskFs } from './fs/task-fs.ts'
export type { DirectoryEntry, StatData } from './fs/task-fs.ts'
export { failed, FsError } from './fs/fs-error.ts'
export { denialOf } from './denials.ts'
export { insideOf } from './inside-of.ts'
export type { Inside, TaskChoice } from './inside-of.ts'
