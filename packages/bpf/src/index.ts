/** The BPF LSM: object files loaded, verified as Linux 6.12 does, compiled to WebAssembly, attached to hooks. */
export { bpf } from './lsm/bpf-lsm.ts'
export type { BpfLsm, BpfOptions, LoadOptions, ProgramFault } from './lsm/bpf-lsm.ts'
export { BpfLoadError, type LoadCode } from './lsm/load-error.ts'
export type { AttachTo, BpfLink, LoadedObject, LoadedProgram } from './lsm/loaded-object.ts'
export type { KernelCalls } from './lsm/lsm-host.ts'
export { BpfError, type BpfErrorCode } from './error.ts'
export { MapHandle } from './maps/map-handle.ts'
export type { Value } from './maps/value-codec.ts'
