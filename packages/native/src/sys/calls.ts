/** Numbers of system calls by name, on the processors that native confinement knows. */
import { AUDIT_ARCH_AARCH64, AUDIT_ARCH_X86_64, ownValue, syscallByName } from '@lsmkit/abi'
import { callsArm64 } from './calls-arm64.ts'

/** A processor by Node's name for it. */
export type Arch = 'x64' | 'arm64'

export const arches: readonly Arch[] = ['x64', 'arm64']

/** AUDIT_ARCH_* of `struct seccomp_data`. */
export const auditArch: Readonly<Record<Arch, number>> = { x64: AUDIT_ARCH_X86_64, arm64: AUDIT_ARCH_AARCH64 }

/** The number of a call, or null where the processor has no such call: arm64 has no `open`. */
export const callNumber = (arch: Arch, name: string): number | null =>
  (arch === 'x64' ? syscallByName(name) : ownValue(callsArm64, name)) ?? null
