/** `@lsmkit/kernel/subsystems`: what a kernel of `@lsmkit/kernel/boot` is given, and a bundler leaves out otherwise. */
export { bpf } from './bpf.ts'
export { overlay } from './overlay.ts'
export { tracing } from './tracing.ts'
export type { Subsystem } from '../subsystem.ts'
