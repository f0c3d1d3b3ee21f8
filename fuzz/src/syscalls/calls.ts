/** Random system calls, as the seed has them: the same twice, for calls write into what they are given. */
import { ownValue } from '@lsmkit/abi'
import { argumentsOf, CALL_SHAPES } from '@lsmkit/kernel/fuzz'
import * as fc from 'fast-check'
import { Random } from '../frame/random.ts'
import { TEMPTING } from './world.ts'

export interface Call {
  readonly name: string
  readonly args: readonly unknown[]
  /** Which of the tasks that are there. */
  readonly who: number
}

const LEAST = 50
const MOST = 600

const call = fc.constantFrom(...Object.keys(CALL_SHAPES)).chain((name) =>
  fc.record({ name: fc.constant(name), args: argumentsOf(ownValue(CALL_SHAPES, name)!), who: fc.nat(20) }))
const calls = fc.array(call, { minLength: LEAST, maxLength: MOST, size: 'max' })

/** Paths lead where something is to be had, now and then; some calls are made more often than their share. */
export const callsOf = (seed: number): Call[] => {
  const random = new Random(seed)
  return fc.sample(calls, { seed: seed | 0, numRuns: 1 })[0]!.map(({ name, args, who }) => {
    const tempted = args.map((arg) => typeof arg === 'string' && random.oneIn(3) ? random.pick(TEMPTING) : arg)
    if (!random.oneIn(6)) return { name, args: tempted, who }
    const flags = random.pick([0, 2, 0o101, 0o200000])
    return random.oneIn(2)
      ? { name: 'openat', args: [-100, random.pick(TEMPTING), flags, 0o666], who }
      : { name: 'read', args: [random.below(14), new Uint8Array(64)], who }
  })
}
