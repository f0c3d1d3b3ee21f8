/** CIL, SELinux's policy language: a compiler to kernel policies, with places and hints for what is wrong. */
export { compileCil, CilErrors } from './compile.ts'
export type { Compiled, CompileOptions } from './compile.ts'
export { CilError } from './errors.ts'
export type { CilErrorCode, CilErrorParts, CilWarning, Related } from './errors.ts'
export type { CilSource, Place } from './sources.ts'
