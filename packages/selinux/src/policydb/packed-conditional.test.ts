import { expect, test } from 'vitest'
import { Avtab } from './avtab.ts'
import { AVTAB_AV, COND_BOOL } from './constants.ts'
import { conditionalOf, RuleStore } from './packed-conditional.ts'

const tableOf = (rules: readonly (readonly [number, number, number, number, number])[]): Avtab => {
  const table = new Avtab(rules.length)
  for (const rule of rules) table.add(...rule)
  return table
}

const rulesOf = ({ length, source, target, tclass, specified, datum }: Avtab) =>
  Array.from({ length }, (_, i) => [source[i], target[i], tclass[i], specified[i], datum[i]])

const rules = (count: number, from: number) =>
  Array.from({ length: count }, (_, i) =>
    [0xffff - i, from + i, 0xfffe, AVTAB_AV & -AVTAB_AV, 0xffffffff - i] as const)

test.each([
  { yes: 0, no: 0 }, { yes: 1, no: 0 }, { yes: 0, no: 3 }, { yes: 16, no: 16 }, { yes: 17, no: 1 }, { yes: 1, no: 40 },
])('$yes rules and $no are what was given, however many others there are', ({ yes, no }) => {
  const store = new RuleStore()
  const expression = [{ kind: COND_BOOL, bool: 1 }]
  const made = Array.from({ length: 50 }, (_, i) => {
    const [whenTrue, whenFalse] = [rules(yes, 1 + i), rules(no, 500 + i)]
    const conditional = conditionalOf(true, expression, tableOf(whenTrue), tableOf(whenFalse), store)
    return { given: [whenTrue, whenFalse], made: conditional }
  })
  for (const { given, made: { whenTrue, whenFalse } } of made) {
    expect([rulesOf(whenTrue), rulesOf(whenFalse)]).toEqual(given)
  }
})

test('extended permissions stay in tables of their own', () => {
  const table = new Avtab(1)
  const xperms = { kind: 1, driver: 2, bits: new Uint32Array(8) }
  table.addXperms(1, 2, 3, 0x100, xperms)
  const made = conditionalOf(false, [], table, new Avtab(0), new RuleStore())
  expect(made.whenTrue.xpermsOf(0)).toBe(xperms)
})
