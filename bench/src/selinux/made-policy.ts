/** A policy about as large as Debian's, made by a generator: for machines that have no other. */
import { Avtab, Ebitmap, writePolicy } from '@lsmkit/selinux/policydb'
import type { Context, Level, ObjectClass, Policydb, Range } from '@lsmkit/selinux/policydb'
import { randomFrom } from './tuples.ts'

const TYPES = 4000
const ATTRIBUTES = 240
const CLASSES = 100
const RULES = 110_000
const PERMISSIONS = 24
const CATEGORIES = 1024

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const symbols = <T>(items: T[]) => ({ nprim: items.length, items })

const low: Level = { sens: 1, cats: Ebitmap.empty }
const lowRange: Range = { low, high: low }
const allCats = Ebitmap.of(range(CATEGORIES))

const makeClass = (i: number): ObjectClass => {
  const names = range(PERMISSIONS).map((p) => (i === 0 && p < 2 ? ['transition', 'dyntransition'][p]! : `p${p}`))
  return {
    name: i === 0 ? 'process' : `class${i}`,
    value: i + 1,
    common: null,
    permissions: symbols(names.map((name, p) => ({ name, value: p + 1 }))),
    constraints: [
      {
        permissions: 0xff,
        expression: [
          { kind: 4, attribute: 128, operator: 3, names: null, typeSet: null },
          {
            kind: 5, attribute: 4, operator: 1, names: Ebitmap.of(range(200).map((n) => (n * 17 + i) % TYPES)),
            typeSet: null,
          },
          { kind: 3, attribute: 0, operator: 0, names: null, typeSet: null },
        ],
      },
    ],
    validatetrans: [],
    defaultUser: 0, defaultRole: 0, defaultType: 0, defaultRange: 0,
  }
}

/** Most rules are of a few types and classes, as in a real policy; one in three speaks of an attribute. */
const makeRules = (random: (n: number) => number): Avtab => {
  const rules = new Avtab(RULES)
  const seen = new Set<number>()
  const side = () => (random(3) === 0 ? TYPES + 1 + random(ATTRIBUTES) : 1 + random(1 + random(TYPES)))
  while (rules.length < RULES) {
    const [source, target, tclass] = [side(), side(), 1 + random(1 + random(CLASSES))]
    const key = (source * 8192 + target) * 128 + tclass
    if (seen.has(key)) continue
    seen.add(key)
    rules.add(source, target, tclass, 1, random(1 << PERMISSIONS) | 1)
  }
  return rules
}

export const madePolicy = (): Uint8Array => {
  const random = randomFrom(1)
  // the bit of the type itself is in the file, as compilers write it
  const attributes = range(TYPES).map((type) =>
    Ebitmap.of([type, ...range(random(10)).map(() => TYPES + random(ATTRIBUTES))]))
  const context = (type: number): Context => ({ user: 1, role: 1, type, range: lowRange })
  const cats = Ebitmap.of(range(CATEGORIES))
  const policy: Policydb = {
    version: 33, mls: true, rejectUnknown: false, allowUnknown: true,
    policycaps: Ebitmap.of([1]), permissive: Ebitmap.empty, neveraudit: Ebitmap.empty,
    commons: symbols([]),
    classes: symbols(range(CLASSES).map(makeClass)),
    roles: symbols([
      { name: 'object_r', value: 1, bounds: 0, dominates: Ebitmap.of([0]), types: Ebitmap.empty },
      { name: 'system_r', value: 2, bounds: 0, dominates: Ebitmap.of([1]), types: Ebitmap.of(range(TYPES)) },
    ]),
    types: symbols([
      ...range(TYPES).map((i) => ({ name: `type${i}_t`, value: i + 1, properties: 1, bounds: 0 })),
      ...range(ATTRIBUTES).map((i) => ({ name: `attribute${i}`, value: TYPES + i + 1, properties: 3, bounds: 0 })),
    ]),
    users: symbols([{
      name: 'system_u', value: 1, bounds: 0, roles: Ebitmap.of([0, 1]),
      range: { low, high: { sens: 1, cats: allCats } }, defaultLevel: low,
    }]),
    booleans: symbols([]),
    sensitivities: symbols([{ name: 's0', isAlias: false, level: { sens: 1, cats } }]),
    categories: symbols(range(CATEGORIES).map((i) => ({ name: `c${i}`, value: i + 1, isAlias: false }))),
    avtab: makeRules(random),
    conditionals: [], roleTransitions: [], roleAllows: [], filenameTransitions: [],
    initialSids: [1, 2, 3].map((sid) => ({ sid, context: context(sid) })),
    fsContexts: [], ports: [], netifs: [], nodes: [], fsUses: [], nodes6: [], ibPkeys: [], ibEndports: [], genfs: [],
    rangeTransitions: [],
    typeAttributes: [...attributes, ...range(ATTRIBUTES).map((i) => Ebitmap.of([TYPES + i]))],
  }
  return writePolicy(policy)
}
