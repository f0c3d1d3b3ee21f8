/** Types of programs and of attaching that came after the oldest release. */
import type { KernelRelease } from './releases.ts'
import { releaseOrder } from './releases.ts'

/** By number of `enum bpf_attach_type`; those that are not named are older. */
const attachTypes: Readonly<Record<number, KernelRelease>> = {
  38: '5.15', 39: '5.15', 40: '5.15', 41: '5.15', 42: '6.1', 43: '6.1', 44: '6.6', 45: '6.6', 46: '6.6', 47: '6.6',
  48: '6.6', 49: '6.12', 50: '6.12', 51: '6.12', 52: '6.12', 53: '6.12', 54: '6.12', 55: '6.12', 56: '6.12',
  57: '6.18', 58: '7.3', 59: '7.3', 60: '7.3', 61: '7.3',
}

/** By number of `enum bpf_prog_type`. */
const programTypes: Readonly<Record<number, KernelRelease>> = { 31: '5.15', 32: '6.6' }

const hasCome = (since: KernelRelease | undefined, release: KernelRelease): boolean =>
  since === undefined || releaseOrder(release) >= releaseOrder(since)

export const knowsAttachType = (release: KernelRelease, type: number): boolean => hasCome(attachTypes[type], release)
export const knowsProgramType = (release: KernelRelease, type: number): boolean => hasCome(programTypes[type], release)

/** Types of programs whose attach type every load is asked for (`bpf_prog_load_check_attach`), by the first release. */
const asked: Readonly<Record<number, KernelRelease>> = {
  8: '5.10', 9: '5.10', 18: '5.10', 25: '5.10', 30: '5.10', 21: '5.15', 32: '6.6',
}

export const isAttachTypeAsked = (release: KernelRelease, program: number): boolean =>
  asked[program] !== undefined && hasCome(asked[program], release)
