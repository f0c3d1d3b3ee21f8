/** The `lsm` command as a function, and the parts of `lsm run` that other programs use. */
export { processIo } from './io.ts'
export type { Io } from './io.ts'
export type { Output } from './output.ts'
export { createSubject, SubjectError } from './run/subject.ts'
export type { Subject } from './run/subject.ts'
export { runLsm } from './start.ts'
export { callText, watchCalls } from './run/trace.ts'
export type { CallWatcher, SystemCall } from './run/trace.ts'
