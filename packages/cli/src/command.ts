/** The source of the scripts of the command; `executable.ts` runs them. */
export { processIo } from './io.ts'
export { runLsm } from './start.ts'
