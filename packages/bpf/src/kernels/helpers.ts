/**
 * Which programs had a helper when: lines for what 6.12 has and an earlier release had not. Letters are those of the
 * table of helpers (`../helpers/prototypes.ts`).
 */
import type { KernelRelease } from './releases.ts'
import { releaseOrder } from './releases.ts'

/** First and last number, and the release that brought them. */
const arrivals: readonly (readonly [first: number, last: number, since: KernelRelease])[] = [
  [156, 175, '5.15'], [176, 209, '6.1'], [210, 211, '6.6'],
]

/** Programs that had the helper from a later release on than others. */
const later: Readonly<Record<number, readonly (readonly [letters: string, since: KernelRelease])[]>> = {
  14: [['dyo', '6.1'], ['6STXKObfiuxrlNGU', '6.12']],
  16: [['dyo', '6.1']],
  17: [['dyo', '6.1']],
  37: [['kadyo', '6.12']],
  46: [['rFBIL', '5.15'], ['C', '6.1']],
  49: [['IG', '5.15'], ['oC', '6.1']],
  57: [['IG', '5.15'], ['oC', '6.1']],
  80: [['6STXKObfiuxrlNGU', '6.12']],
  93: [['PteRFBILC', '5.15']],
  94: [['PteRFBILC', '5.15']],
  105: [['6STXKkadoObmfiuxrlPteRFBILCYGU', '6.1']],
  106: [['6STXKkadoObmfiuxrlPteRFBILCYGU', '6.1']],
  107: [['FBI', '5.15']],
  108: [['FBI', '5.15']],
  120: [['6STXKkadyoObmfiuxrlNGU', '6.12']],
  122: [['O', '5.15'], ['om', '6.1']],
  123: [['dyo', '6.1'], ['PteRFBILC', '5.15'], ['6STXKObfiuxrlNGU', '6.12']],
  174: [['FL', '6.1'], ['RB', '6.12']],
}

const isAtLeast = (release: KernelRelease, since: KernelRelease): boolean =>
  releaseOrder(release) >= releaseOrder(since)

/** The number that is past the last helper of the release. */
export const helperCount = (release: KernelRelease): number =>
  1 + arrivals.reduce((last, [, to, since]) => (isAtLeast(release, since) ? to : last), arrivals[0]![0] - 1)

/** Whether programs with that letter had the helper in the release; the table of 6.12 has to have it as well. */
export const hadHelper = (release: KernelRelease, id: number, letter: string): boolean =>
  id < helperCount(release) &&
  (later[id] ?? []).every(([letters, since]) => !letters.includes(letter) || isAtLeast(release, since))
