/** The text of a policy: `src:dst` a line, each with its newline (`handle_policy_update` of securityfs.c). */
import { EEXIST, EINVAL } from '@lsmkit/abi'
import { kstrtou32 } from '@lsmkit/core'
import { INVALID_ID, SetidRules } from './policy.ts'

/** The rules, or -errno of the first line that is wrong: -EINVAL, -ERANGE, -EEXIST for one that is there twice. */
export const parsePolicy = (text: string): SetidRules | number => {
  const pairs: number[] = []
  const rc = readLines(text, pairs)
  const rules = SetidRules.of(pairs)
  // a line that is there twice was met before the one at which reading stopped
  if (rules === null) return -EEXIST
  return rc < 0 ? rc : rules
}

const readLines = (text: string, pairs: number[]): number => {
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at)
    if (end < 0) return -EINVAL
    const line = text.slice(at, end)
    const colon = line.indexOf(':')
    if (colon < 0) return -EINVAL
    const src = kstrtou32(line.slice(0, colon))
    if (src < 0) return src
    const dst = kstrtou32(line.slice(colon + 1))
    if (dst < 0) return dst
    if (src === INVALID_ID || dst === INVALID_ID) return -EINVAL
    pairs.push(src, dst)
    at = end + 1
  }
  return 0
}
