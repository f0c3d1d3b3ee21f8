/** The outcome of one attempt. */
import { errnoName } from '@lsmkit/abi'
import type { SystemCall } from '@lsmkit/cli'

export interface Outcome {
  /** null: it was done. */
  readonly errno: string | null
  /** The hook and the LSM that refused; null when none was asked or none refused: mode bits, a missing file. */
  readonly hook: string | null
  readonly lsm: string | null
}

/** Of the calls made during an attempt, the last one that failed as the attempt did is shown. */
export const outcomeOf = (errno: string | null, calls: readonly SystemCall[]): Outcome => {
  const failed = errno === null ? undefined : calls.findLast(({ rc }) => rc < 0 && errnoName(rc) === errno)
  return { errno, hook: failed?.denial?.hook ?? null, lsm: failed?.denial?.lsm ?? null }
}

export const outcomeText = ({ errno, hook, lsm }: Outcome): string =>
  errno === null ? 'ok' : [errno, hook, lsm].filter((part) => part !== null).join(' ')
