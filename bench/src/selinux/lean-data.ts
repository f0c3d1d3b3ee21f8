/** A policy and tuples as the words that `rivals/lean.c` reads. */
import { Ebitmap } from '@lsmkit/selinux/policydb'
import type { Avtab } from '@lsmkit/selinux/policydb'
import type { SecurityServer } from '@lsmkit/selinux/server'
import type { Tuples } from './tuples.ts'

const AV = 7

class Words {
  readonly #words: number[] = []

  add(...values: readonly number[]): void {
    for (const value of values) this.#words.push(value)
  }

  ebitmap(set: Ebitmap): void {
    this.add(set.nodes)
    set.forEachNode((start, low, high) => this.add(start, low, high))
  }

  rules(tables: readonly Avtab[]): void {
    const found: number[] = []
    for (const { length, source, target, tclass, specified, datum } of tables) {
      for (let i = 0; i < length; i++) {
        if ((specified[i]! & AV) === 0) continue
        found.push((source[i]! << 16) | target[i]!, (tclass[i]! << 16) | (specified[i]! & AV), datum[i]!)
      }
    }
    this.add(found.length / 3)
    for (const word of found) this.#words.push(word)
  }

  get bytes(): Uint8Array {
    return new Uint8Array(Uint32Array.from(this.#words, (word) => word >>> 0).buffer)
  }
}

export const leanData = (server: SecurityServer, { contexts, tuples }: Tuples): Uint8Array => {
  const policy = server.policy!
  const { db } = policy
  const words = new Words()
  words.add(db.types.nprim)
  for (const [i, attributes] of db.typeAttributes.entries()) {
    // its own bit too, as libsepol and the kernel set it when they read a policy
    words.ebitmap(Ebitmap.of([...attributes, i]))
    words.add(policy.bounds[i + 1]!)
  }
  words.rules([db.avtab])
  words.rules(db.conditionals.map(({ whenTrue, whenFalse }, i) => (policy.states[i] === 1 ? whenTrue : whenFalse)))
  words.add(db.classes.nprim)
  for (let value = 1; value <= db.classes.nprim; value++) {
    const constraints = policy.classOf[value]?.item.constraints ?? []
    words.add(constraints.length)
    for (const { permissions, expression } of constraints) {
      words.add(permissions, expression.length)
      for (const { kind, attribute, operator, names } of expression) {
        words.add(kind, attribute, operator)
        if (names === null) words.add(0)
        else words.ebitmap(names)
      }
    }
  }
  words.add(policy.process, policy.processTransitions, db.roles.nprim)
  for (let value = 1; value <= db.roles.nprim; value++) {
    const role = db.roles.items.find((item) => item.value === value)
    if (role === undefined) words.add(0)
    else words.ebitmap(role.dominates)
  }
  words.add(db.roleAllows.length)
  for (const { role, newRole } of db.roleAllows) words.add(role, newRole)
  words.add(contexts.length)
  for (const text of contexts) {
    const { user, role, type, low, high } = server.contextOf(server.contextToSid(text))!
    words.add(user, role, type)
    for (const { sens, cats } of [low, high]) {
      words.add(sens)
      words.ebitmap(cats)
    }
  }
  words.add(tuples.length)
  for (const tuple of tuples) words.add(...tuple)
  return words.bytes
}
