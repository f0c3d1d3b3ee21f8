/** What must hold before a program is compiled: its target takes it, and the verifier accepts it. */
import * as abi from '@lsmkit/abi'
import { hookDefs } from '@lsmkit/core'
import type { HookName } from '@lsmkit/core'
import type { ProgramSpec } from '../object/bpf-object.ts'
import type { OpenedObject, Verified } from '../run/workshop.ts'
import { BpfLoadError } from './load-error.ts'

export interface Verification extends Verified {
  readonly log: string
}

/** Throws BpfLoadError with the verifier's log. */
export const verifyProgram = (opened: OpenedObject, spec: ProgramSpec, _logLevel: number): Verification => {
  const why = refusedTarget(opened, spec)
  if (why !== null) throw new BpfLoadError('rejected', spec.name, -abi.EINVAL, why, `${why}\n`)
  return { log: '' }
}

const GPL = /^(?:GPL|GPL v2|GPL and additional rights|Dual BSD\/GPL|Dual MIT\/GPL|Dual MPL\/GPL)$/

/** As bpf_lsm_verify_prog and check_attach_btf_id say it; null when the target takes the program. */
const refusedTarget = ({ object }: OpenedObject, spec: ProgramSpec): string | null => {
  if (spec.type !== abi.BPF_PROG_TYPE_LSM) return null
  if (!GPL.test(object.license)) return 'LSM programs must have a GPL compatible license'
  const name = spec.attachTo ?? ''
  if (!Object.hasOwn(hookDefs, name)) return `attach_btf_id ${spec.attachBtfId} points to wrong type name bpf_lsm_${name}`
  const { bpf } = hookDefs[name as HookName]
  if (bpf.disabled) return `attach_btf_id ${spec.attachBtfId} points to disabled hook bpf_lsm_${name}`
  if (spec.sleepable && !bpf.sleepable) return `bpf_lsm_${name} is not sleepable`
  return null
}
