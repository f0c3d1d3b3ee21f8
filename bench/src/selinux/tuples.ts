/** Questions for decisions: contexts that are valid under a policy, and triples of two of them and a class. */
import { membersOf } from '@lsmkit/selinux/policydb'
import type { SecurityServer } from '@lsmkit/selinux/server'

/** Contexts as texts; tuples as places of two of them, and the class's value. */
export interface Tuples {
  readonly contexts: readonly string[]
  readonly tuples: readonly (readonly [source: number, target: number, tclass: number])[]
}

/** Numbers below `n`, the same ones each time. */
export const randomFrom = (seed: number) => {
  let state = seed
  return (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * n)
  }
}

type Random = (n: number) => number

const pick = <T>(items: readonly T[], random: Random): T => items[random(items.length)]!

/** Makes valid contexts of a type: a role that has it and a user that has the role if there are any, and some level. */
const contextMaker = (server: SecurityServer, random: Random): ((type: number) => string) => {
  const { db, names, mls } = server.policy!
  const users = db.users.items
  const roles = db.roles.items.filter(({ name }) => name !== 'object_r')
  const rolesOf = new Map<number, string[]>()
  for (const { name, types } of roles) {
    types.forEach((bit) => void rolesOf.set(bit + 1, [...(rolesOf.get(bit + 1) ?? []), name]))
  }
  const usersOf = new Map(
    roles.map(({ name, value }) => [name, users.filter((user) => user.roles.has(value - 1)).map((user) => user.name)]),
  )
  const sens = db.sensitivities.items.map(({ name }) => name)
  const cats = db.categories.items.map(({ name }) => name)
  const level = (): string => {
    const some = Array.from({ length: random(4) }, () => pick(cats, random))
    return pick(sens, random) + (some.length > 0 && cats.length > 0 ? `:${some.join(',')}` : '')
  }
  const lowest = names.sensitivities[1] ?? ''
  const ranges = (): string[] => [level(), `${lowest}-${level()}`, lowest]
  return (type) => {
    const own = (rolesOf.get(type) ?? []).filter((role) => usersOf.get(role)!.length > 0)
    const role = own.length > 0 ? pick(own, random) : 'object_r'
    const user = role === 'object_r' ? pick(users, random).name : pick(usersOf.get(role)!, random)
    const head = `${user}:${role}:${names.types[type]}`
    if (!mls) return head
    const text = ranges().map((range) => `${head}:${range}`).find((candidate) => server.contextToSid(candidate) > 0)
    return text ?? `${pick(users, random).name}:object_r:${names.types[type]}:${lowest}`
  }
}

const collect = (
  server: SecurityServer, count: number, seed: number, next: (random: Random) => readonly [number, number, number],
): Tuples => {
  const random = randomFrom(seed)
  const make = contextMaker(server, random)
  const places = new Map<string, number>()
  const place = (text: string): number => {
    const known = places.get(text)
    if (known !== undefined) return known
    places.set(text, places.size)
    return places.size - 1
  }
  const tuples = Array.from({ length: count }, () => {
    const [source, target, tclass] = next(random)
    return [place(make(source)), place(make(target)), tclass] as const
  })
  return { contexts: [...places.keys()], tuples }
}

const plainTypes = (server: SecurityServer): number[] => {
  const { db } = server.policy!
  return db.types.items.filter(({ properties }) => properties === 1).map(({ value }) => value)
}

/** Members of the source and the target of rules picked at random: pairs that a policy has something to say of. */
export const guidedTuples = (server: SecurityServer, count: number): Tuples => {
  const { db } = server.policy!
  const types = plainTypes(server)
  const members = membersOf(db)
  const memberOf = (value: number, random: Random): number => {
    const list = members.get(value) ?? [value]
    return pick(list.length > 0 ? list : types, random)
  }
  return collect(server, count, 20, (random) => {
    const rule = random(db.avtab.length)
    const { source, target, tclass } = db.avtab
    return [memberOf(source[rule]!, random), memberOf(target[rule]!, random), tclass[rule]!]
  })
}

/** Any two types and any class: most have nothing to do with each other. */
export const uniformTuples = (server: SecurityServer, count: number): Tuples => {
  const types = plainTypes(server)
  const classes = server.policyClasses()
  return collect(server, count, 30, (random) => [pick(types, random), pick(types, random), pick(classes, random).value])
}
