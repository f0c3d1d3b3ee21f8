/**
 * `@lsmkit/kernel/boot`: what the main entry exports, with a `bootKernel` that is given its subsystems, so that
 * programs load, and bundles contain, no others: `bootKernel({ stack, subsystems: [overlay] })` with `overlay` of
 * `@lsmkit/kernel/subsystems`.
 */
export * from './exports.ts'
export { bootKernel } from './boot/given-kernel.ts'
export type { ChosenBootOptions } from './boot/given-kernel.ts'
export type { Subsystem } from './boot/subsystem.ts'
