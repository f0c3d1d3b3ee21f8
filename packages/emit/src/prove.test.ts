/** Random policies in every format: each other answer of a wall has an item, and each item such an answer. */
import { describe, expect, test } from 'vitest'
import { formatNames, formats } from './formats/index.ts'
import { plainOf } from './plain.ts'
import { prove } from './prove.ts'
import { randomPolicy } from './testing/random-policy.ts'

const POLICIES = 24

describe.each(formatNames)('%s', (name) => {
  const format = formats[name]

  test('every difference is said', () => {
    const unseen = new Map<string, string>()
    const seen = new Set<string>()
    for (let seed = 1; seed <= POLICIES; seed++) {
      const policy = randomPolicy(seed)
      const plain = plainOf(policy)
      const written = format.write(plain)
      const { differences } = prove(plain, format, written, { count: 1_500, seed })
      const unexplained = differences.filter(({ because }) => because.length === 0)
      expect({ seed, policy, unexplained: unexplained.slice(0, 3).map(({ text, wall }) => ({ text, wall })) })
        .toEqual({ seed, policy, unexplained: [] })
      for (const { because } of differences) for (const id of because) seen.add(id)
      for (const { id, effect } of format.unsaid(plain)) if (effect !== 'lost') unseen.set(id, effect)
    }
    // an item that explains nothing would be a false alarm
    expect([...unseen.keys()].filter((id) => !seen.has(id))).toEqual([])
  })
})
