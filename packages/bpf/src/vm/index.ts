/** Running programs: their memory, the compiler to WebAssembly, the interpreter. */
export { BpfFault, BpfThrow, type FaultKind } from './fault.ts'
export type { Helper, InlineMap, Wide } from './executable.ts'
export { loadCode, type Engine, type LinkEnv } from './link.ts'
export { Machine, type PacketLoad, type Runnable, type TailTarget } from './machine.ts'
export { BpfMemory, type Access, type BpfMemoryOptions } from './memory.ts'
export { BpfMemoryError, type BpfMemoryCode } from './memory-error.ts'
export { testRun, type ObjectTestResult, type TestResult, type TestRun } from '../run/test-run.ts'
export { ProgramBuilder, type OpenedObject, type Verified, type ProgramBuilderOptions } from '../run/program-builder.ts'
/** @deprecated The names are `ProgramBuilder` and `ProgramBuilderOptions`. */
export { ProgramBuilder as Workshop, type ProgramBuilderOptions as WorkshopOptions } from '../run/program-builder.ts'
