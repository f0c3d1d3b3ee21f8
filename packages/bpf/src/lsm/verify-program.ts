/** The condition for compiling a program: the verifier accepts it. */
import { errnoName } from '@lsmkit/abi'
import type { ProgramSpec } from '../object/bpf-object.ts'
import { targetHint } from '../object/needs.ts'
import type { OpenedObject, Verified } from '../run/program-builder.ts'
import type { Aux } from '../verifier/aux.ts'
import { verify } from '../verifier/verify.ts'
import { BpfLoadError } from './load-error.ts'

export interface Verification extends Verified {
  readonly log: string
  /** Instructions the verifier walked. */
  readonly processed: number
}

/** Throws BpfLoadError with the verifier's log. */
export const verifyProgram = (
  { object, kernelBtf }: OpenedObject, spec: ProgramSpec, logLevel: number,
): Verification => {
  const { ok, errno, log, at, processed, aux } = verify(spec, { object, kernelBtf, logLevel })
  if (!ok || aux === null) {
    const target = targetHint(spec, kernelBtf)
    if (target !== null) {
      const message = `section \`${spec.section}\` names nothing that it could be attached to: ${target}`
      throw new BpfLoadError('no-target', spec.name, errno, message, log)
    }
    const missing = spec.poisoned.get(at)
    const reason = missing === undefined ? reasonIn(log) ?? errnoName(-errno) : `instruction ${at} needs ${missing}`
    throw new BpfLoadError('rejected', spec.name, errno, reason, log)
  }
  return verificationOf(log, processed, aux)
}

/** The facts of the verifier that loading needs. */
export const verificationOf = (
  log: string, processed: number, { probes, typedLoads, exceptionCallback }: Aux,
): Verification => ({ log, processed, probes, typedLoads, exceptionCallback })

/** The last line that is not a statistic: the verifier's sentence. */
const reasonIn = (log: string): string | undefined =>
  log.split('\n').filter((line) => line !== '' && !/^processed \d|^verification time|^stack depth/.test(line)).at(-1)
