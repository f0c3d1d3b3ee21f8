/** Running programs: their memory, the compiler to WebAssembly, the interpreter. */
export { BpfMemory, type Access, type BpfMemoryOptions } from './memory.ts'
export { BpfMemoryError, type BpfMemoryCode } from './memory-error.ts'
