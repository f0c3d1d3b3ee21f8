/** What the scripts of the command are made from, and `executable.ts` runs. */
export { processIo } from './io.ts'
export { runLsm } from './program.ts'
