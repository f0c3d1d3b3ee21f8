/** `@lsmkit/kernel/parts`: what is of use without a kernel: names as bytes and as text, and filters of system calls. */
export { byteLength, decodeName, encodeName } from './state/vfs/names.ts'
export { checkFilter, runFilter } from './state/seccomp/classic.ts'
export type { SockFilter } from './state/seccomp/classic.ts'
