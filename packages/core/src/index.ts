/** `@lsmkit/core`: the hook table, stacking, blobs, dispatch and audit. What is exported here is what we promise. */
export * from './current.ts'
export * from './hooks/hook-defs.ts'
export * from './hooks/hook-types.ts'
export * from './objects/index.ts'
export { ref } from './objects/ref.ts'
export type { Ref } from './objects/ref.ts'
export * from './pseudo-fs.ts'
