/** `@lsmkit/bpf/kernels`: whether programs load on other kernel releases, and what each release has. */
export { kernelReleases, unprovenReleases } from './releases.ts'
export type { KernelRelease } from './releases.ts'
export { verifyOn } from './verify-on.ts'
export type { KernelVerdict, ProgramVerdicts, VerifyOnOptions } from './verify-on.ts'
