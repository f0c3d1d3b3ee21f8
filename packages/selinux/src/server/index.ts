/** The security server by itself: a policy, contexts and decisions; no stack and no hooks. */
export * from './decision.ts'
export { SecurityServer } from './security-server.ts'
export type {
  BooleanState, FsUseAnswer, KernelClass, LoadReport, SecurityServerOptions,
} from './security-server.ts'
