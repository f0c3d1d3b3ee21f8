import { expect, test } from 'vitest'
import { access } from './access.ts'
import { isDenied } from './decision.ts'
import { SmackFlows } from './flow.ts'
import { Policy } from './policy.ts'
import { loadRules } from './rule-file/load-rules.ts'

const policyOf = (text: string): Policy => {
  const policy = new Policy()
  loadRules(policy, text)
  return policy
}

const policy = policyOf('Mail Secret r\nMail Spool w\nWeb Spool rx\nWeb Log a\nWeb Lock l\n')

test('goes over rules, and over built-in steps', () => {
  const flows = new SmackFlows(policy)
  expect([...flows.shortest('Secret', 'Log')])
    .toEqual([{ path: ['Secret', 'Mail', 'Spool', 'Web', 'Log'], weight: 10 }])
  expect(flows.rulesOf('Spool', 'Web')).toEqual(['Web Spool rx'])
  expect([...flows.shortest('Log', 'Secret')]).toEqual([])
  expect(flows.rulesOf('_', 'Web')).toEqual(['built in: `Web` may read `_`'])
  expect([...flows.out('Secret')].map(({ path }) => path[1])).toEqual(['^', '*', '@', 'Mail'])
  expect(flows.first('Secret', 'Log', { exclude: ['Mail'] })).toBe(null)
  expect(flows.first('Secret', 'Log', { steps: 3 })).toBe(null)
  expect(flows.first('Web', 'Lock', { minWeight: 1 })?.weight).toBe(1)
  expect([...flows.into('Log')].map(({ path }) => path[0])).toContain('Web')
})

test('through `*` everything flows: only when it is asked for', () => {
  const flows = new SmackFlows(policy, { throughStar: true })
  expect([...flows.shortest('Log', 'Secret')].map(({ path }) => path.join(' '))).toContain('Log * Secret')
  expect([...new SmackFlows(policy).shortest('Log', '*')]).toHaveLength(1)
})

test('locks count when so little is asked for; labels can be left out', () => {
  expect([...new SmackFlows(policy, { minWeight: 1 }).shortest('Web', 'Lock')])
    .toEqual([{ path: ['Web', 'Lock'], weight: 1 }])
  expect([...new SmackFlows(policy).shortest('Web', 'Lock')]).toEqual([])
  expect([...new SmackFlows(policy, { exclude: ['Spool'] }).shortest('Secret', 'Log')]).toEqual([])
  expect(() => new SmackFlows(policy, { exclude: ['Spol'] }))
    .toThrow(expect.objectContaining({ hint: 'did you mean `Spool`?' }))
})

test('every step is one that the engine allows, and none is missing', () => {
  const [READ, WRITE, APPEND, EXEC] = [4, 2, 8, 1]
  const small = policyOf('A B rwx\nB C a\nC ^ r\n_ A w\nD D r\nD @ r\n')
  small.unconfined = small.labels.find('D')
  const graph = new SmackFlows(small).graph()
  const labels = [...small.labels.newestFirst()]
  const may = (a: number, b: number, modes: number[]): boolean =>
    modes.some((mode) => !isDenied(access(small, a, b, mode)))
  for (const from of labels) {
    for (const to of labels) {
      if (from === to) continue
      const flows = may(from, to, [WRITE, APPEND]) || may(to, from, [READ, EXEC])
      const bit = (bits: Uint32Array, node: number): boolean => (bits[node >>> 5]! & (1 << (node & 31))) !== 0
      expect([bit(graph.out(from), to), bit(graph.into(to), from)]).toEqual([flows, flows])
    }
  }
})
