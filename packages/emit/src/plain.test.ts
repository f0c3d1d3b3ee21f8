/** Places of a policy: the nearest one above a path has the path's rights, whatever the rules and mounts. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { nodesOf, rightsAt } from './plain.ts'
import type { PathRule, PlainMount } from './plain.ts'
import { isBeneath } from './question.ts'

const path = fc.array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 4 }).map((names) => `/${names.join('/')}`)
const rule: fc.Arbitrary<PathRule> = fc.record({
  list: fc.constantFrom('read' as const, 'write' as const, 'exec' as const), path, place: fc.constant('allow'),
})
const mount: fc.Arbitrary<PlainMount> = fc.record({
  target: path,
  place: fc.boolean().map((writable) => ({ kind: 'host-folder' as const, path: '/host', writable })),
})

test('the nearest place above a path has its rights', () => {
  const [rules, mounts] = [fc.array(rule, { maxLength: 8 }), fc.array(mount, { maxLength: 2 })]
  fc.assert(fc.property(rules, mounts, path, (some, given, asked) => {
    const parts = { rules: some, mounts: [...given].sort((a, b) => (a.target < b.target ? -1 : 1)) }
    const nearest = nodesOf(parts).filter((node) => isBeneath(asked, node.path)).at(-1)
    const { read, write, execute } = nearest?.rights ?? { read: false, write: false, execute: false }
    expect({ read, write, execute }).toEqual(rightsAt(parts, asked))
  }))
})

test('ten thousand rules: a place each', () => {
  const rules = Array.from({ length: 10_000 }, (_, i): PathRule =>
    ({ list: 'read', path: `/srv/app-${i}/documents`, place: 'allow' }))
  expect(nodesOf({ rules, mounts: [] })).toHaveLength(10_000)
})
