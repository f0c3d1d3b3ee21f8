/** `@lsmkit/yama`: who may trace whom, as Linux 6.12 has it. */
export { yama } from './lsm.ts'
export type { YamaOptions } from './lsm.ts'
export {
  YAMA_SCOPE_CAPABILITY, YAMA_SCOPE_DISABLED, YAMA_SCOPE_NO_ATTACH, YAMA_SCOPE_RELATIONAL,
} from './scope.ts'
export type { PtraceScope } from './scope.ts'
