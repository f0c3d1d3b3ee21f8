/** Random scripts. */
import { answers, groups, hooks } from './script.ts'
import type { Answer, Inside, ModelHook, Step } from './script.ts'

export interface Numbers {
  below(count: number): number
}

/** Milliseconds around the pause that ends a burst, and the calls around the look at the clock. */
const PAUSES = [0, 1, 5, 19, 20, 21, 100]
const COUNTS = [1, 1, 1, 2, 3, 255, 256, 300]
const MOST = 4

export const randomScript = (random: Numbers): Step[] => {
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)]!
  // few hooks, so that much happens to each
  const own = [pick(hooks), pick(hooks)]
  const hook = (): ModelHook => pick(own)
  const answer = (): Answer => (random.below(3) === 0 ? pick(answers) : 0)
  const inside = (depth: number): Inside | null =>
    depth > 0 && random.below(3) === 0 ? { at: 1 + random.below(3), step: step(depth - 1) } : null
  const step = (depth: number): Step => {
    switch (random.below(12)) {
      case 0:
      case 1: return { kind: 'attach', hook: hook(), answer: answer(), inside: inside(depth) }
      case 2: return { kind: 'modify', hook: hook(), answer: answer(), inside: inside(depth) }
      case 3: {
        const said: Answer = random.below(2) === 0 ? 1 : answer()
        return { kind: 'group', hook: hook(), answer: said, group: pick(groups), inside: inside(depth) }
      }
      case 4: return { kind: 'observe', hook: hook(), at: pick(['entry', 'exit', 'both']), inside: inside(depth) }
      case 5: return { kind: 'observe-bpf', hook: hook(), at: pick(['entry', 'exit', 'both']), inside: inside(depth) }
      case 6:
      case 7: return { kind: 'detach', link: random.below(8) }
      case 8: return { kind: 'time', ms: pick(PAUSES) }
      default: return { kind: 'ask', hook: hook(), count: depth < 2 ? 1 : pick(COUNTS) }
    }
  }
  const members = Array.from({ length: random.below(MOST) }, (): Step =>
    ({ kind: 'lsm', hook: hook(), answer: answer(), inside: inside(2) }))
  const permissive = ['m0', 'm1', 'm2', 'bpf']
    .filter(() => random.below(4) === 0)
    .map((lsm): Step => ({ kind: 'permissive', lsm }))
  return [...members, ...permissive, ...Array.from({ length: 4 + random.below(30) }, () => step(2))]
}
