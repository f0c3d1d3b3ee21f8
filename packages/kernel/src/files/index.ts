/** `@lsmkit/kernel/files`: files as a program of the host wants them, each call made by one task. */
export { isDirectory, isFile, isSymbolicLink } from './directory.ts'
export type { DirectoryEntry } from './directory.ts'
export { errorText } from './error-text.ts'
export { answered, FileError } from './file-error.ts'
export { Dirent, statData, Stats } from './stats.ts'
export type { EntryData, StatData } from './stats.ts'
export { TaskFiles } from './task-files.ts'
