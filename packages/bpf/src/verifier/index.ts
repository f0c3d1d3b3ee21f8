/**
 * The verifier: may a program run, and what does the log say. Its number domain is public for those who build
 * analyses.
 */
export { kernelReleases } from '../kernels/releases.ts'
export type { KernelRelease } from '../kernels/releases.ts'
export { sync, signExtend, truncate } from './bounds.ts'
export { refined, reverseOp, scalarTaken } from './branch-scalar.ts'
export { copyNum, UNKNOWN } from './num.ts'
export type { Num } from './num.ts'
export { scalarAlu } from './scalar-alu.ts'
export { formatVector, parseVector } from './vector.ts'
export { verify } from './verify.ts'
export type { LoaderRights } from './session.ts'
export type { Verdict, VerifyOptions } from './verify.ts'
export type { Aux } from './aux.ts'
