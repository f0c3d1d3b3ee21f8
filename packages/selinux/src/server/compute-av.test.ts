import { array, assert, constantFrom, integer, letrec, nat, oneof, property, tuple } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TYPE_ATTRIBUTE } from '../policydb/constants.ts'
import type { ConstraintNode, Policydb } from '../policydb/policydb.ts'
import { readPolicy } from '../policydb/reader.ts'
import { Ebitmap } from '../policydb/ebitmap.ts'
import { goldenPolicies } from '../testing/golden.ts'
import { smallPolicy } from '../testing/small-policy.ts'
import { computeAv } from './compute-av.ts'
import { ReferencePolicy } from './compute-av-reference.ts'
import { evaluateConstraint } from './constraint-reference.ts'
import { ConstraintProgram } from './constraint-program.ts'
import { SecurityContext } from './context.ts'
import { AvDecision } from './decision.ts'
import { LoadedPolicy } from './loaded-policy.ts'

/** A generator of numbers below `n` that gives the same ones each time. */
const randomFrom = (seed: number) => {
  let state = seed
  return (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * n)
  }
}

const plainTypes = ({ types }: Policydb): number[] =>
  types.items.filter(
    ({ properties }) => properties !== 0 && (properties & TYPE_ATTRIBUTE) === 0,
  ).map(({ value }) => value)

/** Contexts that need not be valid: any user, role, type, and levels that the policy speaks of. */
const contextsOf = (policy: LoadedPolicy, random: (n: number) => number) => {
  const { db } = policy
  const types = plainTypes(db)
  const levels = db.users.items.flatMap(({ range }) => [range.low, range.high]).map((level) => policy.levels.of(level))
  const level = () => (policy.mls ? levels[random(levels.length)]! : policy.levels.none)
  const value = (items: readonly { readonly value: number }[]) => items[random(items.length)]!.value
  return (type = types[random(types.length)]!) =>
    new SecurityContext(value(db.users.items), value(db.roles.items), type, level(), level())
}

const setBooleans = (policy: LoadedPolicy, states: ReadonlyMap<number, boolean>): void => {
  for (const [value, state] of states) policy.booleans[value] = state ? 1 : 0
  policy.evaluateConditionals()
}

const expectSame = (
  policy: LoadedPolicy, reference: ReferencePolicy, source: SecurityContext, target: SecurityContext, tclass: number,
) => {
  const out = new AvDecision()
  computeAv(policy, source, target, tclass, out)
  const { allowed, auditallow, auditdeny } = out
  const text = `${policy.names.types[source.type]} ${policy.names.types[target.type]} ${policy.names.classes[tclass]}`
  expect({ allowed, auditallow, auditdeny }, text).toEqual(reference.compute(source, target, tclass))
  return allowed
}

describe('a decision is what the plain reference gives', () => {
  test('for all types and classes of a small policy, in every state of its booleans', () => {
    const db = smallPolicy()
    const policy = new LoadedPolicy(db)
    const context = contextsOf(policy, randomFrom(1))
    const types = plainTypes(db)
    let granted = 0
    for (let state = 0; state < 4; state++) {
      const booleans = new Map([[1, (state & 1) !== 0], [2, (state & 2) !== 0]])
      setBooleans(policy, booleans)
      const reference = new ReferencePolicy(db, booleans)
      for (const source of types) {
        for (const target of types) {
          for (const { value } of db.classes.items) {
            if (expectSame(policy, reference, context(source), context(target), value) !== 0) granted++
          }
        }
      }
    }
    expect(granted).toBeGreaterThan(150)
  })

  const asked = /^(.*\.bin|ext\.34|mls\.34)$/
  const golden = [...goldenPolicies()].filter(([name]) => asked.test(name))
  test.skipIf(golden.length === 0)('(policies lie in ../shared/golden/selinux)', () => {
    expect(golden).toHaveLength(6)
  })

  test.each(golden)('for tuples that the rules of %s speak of', (_name, bytes) => {
    const db = readPolicy(bytes())
    const policy = new LoadedPolicy(db)
    const random = randomFrom(7)
    const context = contextsOf(policy, random)
    const members = new Map<number, number[]>(plainTypes(db).map((type) => [type, [type]]))
    for (const [i, attributes] of db.typeAttributes.entries()) {
      attributes.forEach((bit) => void members.set(bit + 1, [...(members.get(bit + 1) ?? []), i + 1]))
    }
    const memberOf = (value: number): number => {
      const list = members.get(value) ?? plainTypes(db)
      return list[random(list.length)]!
    }
    let granted = 0
    for (let round = 0; round < 2; round++) {
      const booleans = new Map(db.booleans.items.map(({ value }) => [value, random(2) === 1]))
      setBooleans(policy, booleans)
      const reference = new ReferencePolicy(db, booleans)
      for (let n = 0; n < 200; n++) {
        const rule = random(db.avtab.length)
        const source = context(memberOf(db.avtab.source[rule]!))
        const target = context(memberOf(db.avtab.target[rule]!))
        if (expectSame(policy, reference, source, target, db.avtab.tclass[rule]!) !== 0) granted++
      }
    }
    expect(granted).toBeGreaterThan(50)
  })
})

describe('a compiled constraint is what the plain evaluator gives', () => {
  const db = smallPolicy()
  const policy = new LoadedPolicy(db)
  const context = contextsOf(policy, randomFrom(3))
  const contexts = Array.from({ length: 60 }, () => context())
  const node = (kind: number, attribute = 0, operator = 0, names: Ebitmap | null = null): ConstraintNode =>
    ({ kind, attribute, operator, names, typeSet: null })
  const equality = constantFrom(1, 2)
  const any = integer({ min: 1, max: 5 })
  const set = array(integer({ min: 0, max: 20 }), { maxLength: 12 }).map((bits) => Ebitmap.of(bits))
  const who = constantFrom(0, 8, 16)
  const leaf = oneof(
    tuple(constantFrom(1, 4), equality).map(([attribute, operator]) => [node(4, attribute, operator)]),
    tuple(
      constantFrom(2, 32, 64, 128, 256, 512, 1024), any,
    ).map(([attribute, operator]) => [node(4, attribute, operator)]),
    tuple(
      constantFrom(1, 2, 4), who, equality, set,
    ).map(([what, of, operator, names]) => [node(5, what + of, operator, names)]),
  )
  const expression = letrec<{ tree: ConstraintNode[] }>((tie) => ({
    tree: oneof({ maxDepth: 5 }, leaf,
      tie('tree').map((inner) => [...inner, node(1)]),
      tuple(
        tie('tree'), tie('tree'), constantFrom(2, 3),
      ).map(([left, right, kind]) => [...left, ...right, node(kind)])),
  })).tree

  test('for expressions of any shape', () => {
    let held = 0
    let asked = 0
    assert(property(expression, nat(59), nat(59), nat(59), (nodes, s, t, x) => {
      const program = new ConstraintProgram(db.roles.items.reduce<Ebitmap[]>((all, { value, dominates }) => {
        all[value] = dominates
        return all
      }, []))
      program.add([node(4, 1, 1)])
      const entry = program.add(nodes)
      const [source, target, third] = [contexts[s]!, contexts[t]!, contexts[x]!]
      const wanted = evaluateConstraint(nodes, db.roles.items, source, target, third)
      expect(program.holds(entry, source, target, third)).toBe(wanted)
      asked++
      if (wanted) held++
    }), { numRuns: 3000 })
    expect(held).toBeGreaterThan(asked / 10)
    expect(held).toBeLessThan((asked * 9) / 10)
  })
})
