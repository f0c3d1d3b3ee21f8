/** The security server by itself: a policy, contexts and decisions; no stack and no hooks. */
export type { KernelClass } from './class-mapping.ts'
export { kernelClasses } from '../class-map.ts'
export * from './decision.ts'
export { FileContextsError } from './file-contexts/errors.ts'
export type { FileContextsErrorCode } from './file-contexts/errors.ts'
export { FileContexts } from './file-contexts/file-contexts.ts'
export type { FileContextsTexts } from './file-contexts/file-contexts.ts'
export { SecurityServer } from './security-server.ts'
export type {
  BooleanState, FsUseAnswer, LoadReport, PolicyClass, SecurityServerOptions,
} from './security-server.ts'
