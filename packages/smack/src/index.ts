/** `@lsmkit/smack`: Smack as Linux 6.12 has it. The engine is here too, and alone under `@lsmkit/smack/engine`. */
export * from './engine.ts'
export { smack } from './lsm.ts'
export type { SmackOptions } from './lsm.ts'
