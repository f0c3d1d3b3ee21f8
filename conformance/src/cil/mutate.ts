/** Random policies with a few statements changed: the same ones for the same seed. */
import { generatePolicy, Random } from './generate.ts'

/** What two statements have in common that say something of the same thing: `(boolean b0`. */
const subject = (line: string): string => line.split(' ', 2).join(' ')

/** Statements go, and come from another policy, alone or in the place of one like them, where that makes a policy. */
export const mutate = (source: string, seed: number, isPolicy: (source: string) => boolean): string => {
  const r = new Random(seed)
  const others = generatePolicy(seed + 1_000_000).split('\n')
  let lines = source.split('\n')
  for (let rest = 4 + r.int(16); rest > 0; rest--) {
    const at = r.int(lines.length)
    const like = others.filter((line) => subject(line) === subject(lines[at]!))
    const came = r.chance(40) ? [] : r.chance(50) && like.length > 0 ? [r.pick(like)] : [lines[at]!, r.pick(others)]
    const changed = lines.toSpliced(at, 1, ...came)
    if (isPolicy(changed.join('\n'))) lines = changed
  }
  return lines.join('\n')
}
