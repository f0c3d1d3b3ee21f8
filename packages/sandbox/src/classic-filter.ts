/** Filters of classic BPF from steps with labels. */
import type { SockFilter } from '@lsmkit/kernel'

/** Goes on at `yes`, however far away. */
const JUMP = 0x05

/** A step of the filter with names for where it goes on: `next`, or a label. */
export interface LabelledStep {
  readonly label?: string
  readonly code: number
  readonly k: number
  readonly yes?: string
  readonly no?: string
}

/** The steps with distances for names, as seccomp(2) takes them. */
export const assembleFilter = (steps: readonly LabelledStep[]): SockFilter[] => {
  const places = new Map(steps.flatMap(({ label }, at) => (label === undefined ? [] : [[label, at] as const])))
  return steps.map(({ code, k, yes, no }, at) => {
    const to = (label: string | undefined): number => (label === undefined ? 0 : places.get(label)! - at - 1)
    return code === JUMP ? { code, jt: 0, jf: 0, k: to(yes) } : { code, jt: to(yes), jf: to(no), k: k >>> 0 }
  })
}
