/** The outcome of one step of a scenario. */
import { errnoName, ERESTARTSYS } from '@lsmkit/abi'
import type { Label, Step } from './scenario.ts'

export interface StepResult {
  readonly place: string
  readonly as: string
  /** `openat(AT_FDCWD, /etc/shadow, O_RDONLY)`, as the scenario has it. */
  readonly call: string
  readonly rc: number
  /** `ok`, the errno, `BLOCKS`, or `nobody`: who is to make the call was not born, or has ended. */
  readonly result: string
  /** The LSM that refused during the call, though it may have succeeded in spite of it; null if none did. */
  readonly by: string | null
  readonly hook: string | null
  /** Refusals of permissive LSMs that were waived: `file_open: smack EACCES`. */
  readonly waived: readonly string[]
  readonly data: string | null
  readonly stat: Readonly<Record<string, number | string>> | null
  readonly label: Readonly<Record<string, Label>>
  /** Records of the call as the kernel words them, their time and serial left out. */
  readonly audit: readonly string[]
}

/** Of a step that has answered `rc`, without further details. */
export const outcome = ({ place, as, call, args }: Step, rc: number): StepResult => ({
  place,
  as,
  call: `${call}(${args.map(shown).join(', ')})`,
  rc,
  result: rc >= 0 ? 'ok' : rc === -ERESTARTSYS ? 'BLOCKS' : errnoName(rc),
  by: null,
  hook: null,
  waived: [],
  data: null,
  stat: null,
  label: {},
  audit: [],
})

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))
