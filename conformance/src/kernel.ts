/** Booting our kernel for recorded rows: what our code throws by mistake is thrown on, and denies nothing. */
import { errnoName } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Lsm, Stack, StackOptions } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { BootOptions, Kernel } from '@lsmkit/kernel'

export const errnoOr = (rc: number, success: string): string => (rc < 0 ? errnoName(rc) : success)

export const onPanic = (syscall: string, cause: unknown): never => {
  throw new Error(`${syscall} threw`, { cause })
}

export const stackWith = (lsms: readonly Lsm[], more: Partial<StackOptions> = {}): Stack =>
  createStack({ lsms: [capability(), ...lsms], onFault: 'throw', audit: { denials: false }, ...more })

export const bootOn = (stack: BootOptions['stack'], more: Omit<BootOptions, 'stack' | 'onPanic'> = {}): Kernel =>
  bootKernel({ stack, onPanic, ...more })
