/** Decisions: the table and the list of rules give the same ones, on all labels, modes and settings. */
import { CAP_MAC_OVERRIDE } from '@lsmkit/abi'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { access, taskAccess } from './access.ts'
import { groundOf, isDenied, isReported, verdictOf } from './decision.ts'
import { parseModes } from './modes.ts'
import { loadRules } from './rule-file/load-rules.ts'
import { Policy } from './policy.ts'
import { RuleList } from './rule-list.ts'

const texts = ['?', '^', '*', '_', '@', 'A', 'B', 'C']
const text = fc.constantFrom(...texts)
const modes = fc.integer({ min: 0, max: 127 }).map((bits) => (bits & 0xf) | ((bits & 0x70) << 8))
const rule = fc.tuple(
  text,
  text,
  fc.subarray([...'rwxatlb']).map((letters) => letters.join('') || '-'),
)

test('the same on the table and on the list', () => {
  const world = fc.record({
    rules: fc.array(rule, { maxLength: 12 }),
    selfRules: fc.array(rule, { maxLength: 4 }),
    bringup: fc.boolean(),
    unconfined: fc.option(text),
    onlycap: fc.array(text, { maxLength: 2 }),
    caps: fc.boolean(),
    kernelThread: fc.boolean(),
    subject: text,
    object: text,
    request: modes,
  })
  fc.assert(
    fc.property(world, (given) => {
      const decide = (policy: Policy): readonly unknown[] => {
        loadRules(policy, given.rules.map((fields) => fields.join(' ')).join('\n'))
        const own = policy.newSelfRules()
        for (const [subject, object, letters] of given.selfRules) {
          own.change(
            policy.labels.import(subject),
            policy.labels.import(object),
            parseModes(letters),
            ~parseModes(letters),
          )
        }
        if (given.unconfined !== null) policy.unconfined = policy.labels.import(given.unconfined)
        policy.onlycap = given.onlycap.map((label) => policy.labels.import(label))
        const [subject, object] = [policy.labels.import(given.subject), policy.labels.import(given.object)]
        const actor = {
          kernelThread: given.kernelThread,
          label: subject,
          holds: (cap: number) => given.caps && cap === CAP_MAC_OVERRIDE,
        }
        const plain = access(policy, subject, object, given.request)
        const task = taskAccess(policy, { label: subject, rules: own }, object, given.request, actor)
        return [verdictOf(plain), groundOf(plain), verdictOf(task), groundOf(task)]
      }
      const { bringup } = given
      expect(decide(new Policy({ bringup }))).toEqual(
        decide(new Policy({ bringup, rules: (limit) => new RuleList(limit) })),
      )
    }),
    { numRuns: 2000 },
  )
})

describe('a decision', () => {
  const policy = new Policy()
  loadRules(policy, 'A B rwb\nA C -\n')
  const [a, b, c, d] = ['A', 'B', 'C', 'D'].map((label) => policy.labels.import(label)) as [
    number,
    number,
    number,
    number,
  ]

  test.each([
    { subject: '*', object: '@', ask: 'r', verdict: 'deny', ground: 'star-subject' },
    { subject: '@', object: 'A', ask: 'rwx', verdict: 'allow', ground: 'web' },
    { subject: 'A', object: '*', ask: 'rwx', verdict: 'allow', ground: 'star-object' },
    { subject: 'A', object: 'A', ask: 'rwx', verdict: 'allow', ground: 'same-label' },
    { subject: 'A', object: '_', ask: 'rx', verdict: 'allow', ground: 'floor-object' },
    { subject: '^', object: 'A', ask: 'l', verdict: 'allow', ground: 'hat-subject' },
    { subject: 'A', object: 'B', ask: 'wl', verdict: 'bringup', ground: 'rule' },
    { subject: 'A', object: 'B', ask: 'x', verdict: 'deny', ground: 'rule' },
    { subject: 'A', object: 'C', ask: '', verdict: 'deny', ground: 'rule' },
    { subject: 'B', object: 'A', ask: 'r', verdict: 'deny', ground: 'no-rule' },
  ])('$subject $object $ask: $verdict by $ground', ({ subject, object, ask, verdict, ground }) => {
    const number = (label: string): number => policy.labels.find(label)
    const decision = access(policy, number(subject), number(object), parseModes(ask))
    expect([verdictOf(decision), groundOf(decision)]).toEqual([verdict, ground])
    expect(isDenied(decision)).toBe(verdict === 'deny')
    expect(isReported(decision)).toBe(verdict === 'bringup')
  })

  test('without bring-up `b` reports nothing and the unconfined label allows nothing', () => {
    const plain = new Policy({ bringup: false })
    loadRules(plain, 'A B rb\n')
    const [from, to] = [plain.labels.find('A'), plain.labels.find('B')]
    plain.unconfined = from
    expect(verdictOf(access(plain, from, to, parseModes('r')))).toBe('allow')
    expect(verdictOf(access(plain, from, to, parseModes('w')))).toBe('deny')
  })

  test('a rule of its own refuses, a capability of its own overrides, onlycap takes that away', () => {
    const own = policy.newSelfRules()
    own.change(a, b, parseModes('r'), 0)
    const actor = { kernelThread: false, label: a, holds: () => true }
    const ask = (holds: boolean): string => {
      const decision = taskAccess(policy, { label: a, rules: own }, b, parseModes('w'), {
        ...actor,
        holds: () => holds,
      })
      return `${verdictOf(decision)} by ${groundOf(decision)}`
    }
    expect(ask(false)).toBe('deny by self-rule')
    expect(ask(true)).toBe('allow by privilege')
    policy.onlycap = [d]
    expect(ask(true)).toBe('deny by self-rule')
    policy.onlycap = [c, a]
    expect(ask(true)).toBe('allow by privilege')
  })
})
