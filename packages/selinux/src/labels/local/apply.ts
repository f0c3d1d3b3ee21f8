/**
 * A policy with local changes in it, as semodule builds it from the `*.local` files of a store: local ports, nodes and
 * interfaces come before those of the policy, so that they are found first.
 */
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { Ebitmap } from '../../policydb/ebitmap.ts'
import { Avtab } from '../../policydb/avtab.ts'
import { AVTAB_ENABLED } from '../../policydb/constants.ts'
import { evaluateConditional } from '../../policydb/conditional-guard.ts'
import type { Conditional, ConditionalNode, Policydb, User } from '../../policydb/policydb.ts'
import { LabelsError } from '../errors.ts'
import { portKey } from './changes.ts'
import type { LocalChanges, LocalNode, PortProtocol } from './changes.ts'
import { ContextReader } from './context-reader.ts'

/** IP protocol numbers. */
const protocolNumbers: Readonly<Record<PortProtocol, number>> = { tcp: 6, udp: 17, dccp: 33, sctp: 132 }

/** Local ports may not overlap: semodule refuses them. */
const checkPorts = (changes: LocalChanges): void => {
  const ports = [...changes.ports.values()]
    .sort((a, b) => a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : a.low - b.low)
  const at = ports.findIndex((port, i) => {
    const before = ports[i - 1]
    return before !== undefined && before.protocol === port.protocol && port.low <= before.high
  })
  if (at < 0) return
  const [first, second] = [portKey(ports[at - 1]!), portKey(ports[at]!)]
  const place = changes.places.get(`port ${second}`) ?? null
  throw new LabelsError('duplicate', `ports ${first} and ${second} overlap`, place,
    'the port of the policy may overlap, two local ones may not')
}

const compareBytes = (a: Uint8Array, b: Uint8Array): number => {
  const at = a.findIndex((byte, i) => byte !== b[i])
  return at < 0 ? 0 : a[at]! - b[at]!
}

/** Long masks first, so that the narrowest set of addresses is found. */
const byMask = (a: LocalNode, b: LocalNode): number =>
  compareBytes(b.mask, a.mask) || compareBytes(b.address, a.address)

/** The same rules, marked as those in force or not: libsepol writes the mark. */
const marked = (rules: Avtab, isInForce: boolean): Avtab => {
  const copy = new Avtab(rules.length)
  for (let i = 0; i < rules.length; i++) {
    const kind = (rules.specified[i]! & ~AVTAB_ENABLED) | (isInForce ? AVTAB_ENABLED : 0)
    copy.add(rules.source[i]!, rules.target[i]!, rules.tclass[i]!, kind, rules.datum[i]!)
  }
  copy.xperms.push(...rules.xperms)
  return copy
}

/** A conditional in its other state. */
class SwitchedConditional implements Conditional {
  state: boolean
  expression: ConditionalNode[]
  readonly #former: Conditional

  constructor(former: Conditional, state: boolean) {
    this.state = state
    this.expression = former.expression
    this.#former = former
  }

  get whenTrue(): Avtab {
    return marked(this.#former.whenTrue, this.state)
  }

  get whenFalse(): Avtab {
    return marked(this.#former.whenFalse, !this.state)
  }
}

/** What was said last comes first. */
const lastFirst = <T>(table: ReadonlyMap<string, T>): [string, T][] => [...table.entries()].reverse()

/** Adds one record after another, with the place where it was said. */
class Application {
  readonly policy: Policydb
  readonly #reader: ContextReader
  readonly #changes: LocalChanges

  constructor(policy: Policydb, changes: LocalChanges) {
    this.policy = { ...policy }
    this.#reader = new ContextReader(policy)
    this.#changes = changes
  }

  #place(kind: string, key: string): string {
    return this.#changes.places.get(`${kind} ${key}`) ?? `${kind} ${key}`
  }

  booleans(): void {
    const values = this.#changes.booleans
    const known = this.policy.booleans.items.map(({ name }) => name)
    for (const name of values.keys()) {
      if (known.includes(name)) continue
      throw new LabelsError('unknown-name', `the policy has no boolean \`${name}\``, this.#place('boolean', name),
        didYouMean(name, known))
    }
    const items = this.policy.booleans.items.map((item) => ({ ...item, state: values.get(item.name) ?? item.state }))
    this.policy.booleans = { ...this.policy.booleans, items }
    const states = new Map(items.map(({ value, state }) => [value, state]))
    this.policy.conditionals = this.policy.conditionals.map((item) => {
      const state = evaluateConditional(item.expression, (value) => states.get(value) ?? false)
      return state === item.state ? item : new SwitchedConditional(item, state)
    })
  }

  /** New users get the next values; users that are there get these roles and ranges instead of theirs. */
  users(): void {
    let { nprim } = this.policy.users
    const items = [...this.policy.users.items]
    for (const { name, roles, level, range } of this.#changes.users.values()) {
      const place = this.#place('user', name)
      const at = items.findIndex((item) => item.name === name)
      const known = at < 0 ? undefined : items[at]!
      const value = known?.value ?? ++nprim
      const user: User = {
        name, value, bounds: known?.bounds ?? 0,
        roles: Ebitmap.of(roles.map((role) => this.#reader.role(role, place) - 1)),
        ...(this.policy.mls
          ? { range: this.#reader.range(range ?? 's0', place), defaultLevel: this.#reader.level(level ?? 's0', place) }
          : { range: EMPTY_RANGE, defaultLevel: EMPTY_RANGE.low }),
      }
      if (at < 0) items.push(user)
      else items[at] = user
    }
    this.policy.users = { nprim, items }
  }

  ports(): void {
    checkPorts(this.#changes)
    this.policy.ports = [...lastFirst(this.#changes.ports).map(([key, { protocol, low, high, context }]) => ({
      protocol: protocolNumbers[protocol], low, high, context: this.#reader.context(context, this.#place('port', key)),
    })), ...this.policy.ports]
  }

  nodes(): void {
    const sorted = [...this.#changes.nodes.entries()].sort(([, a], [, b]) => byMask(a, b))
    const nodes = sorted.map(([key, { address, mask, context }]) => ({
      address, mask, context: this.#reader.context(context, this.#place('node', key)),
    }))
    this.policy.nodes = [...nodes.filter(({ address }) => address.length === 4), ...this.policy.nodes]
    this.policy.nodes6 = [...nodes.filter(({ address }) => address.length === 16), ...this.policy.nodes6]
  }

  interfaces(): void {
    const netifs = [...this.policy.netifs]
    for (const { name, context, packetContext } of this.#changes.interfaces.values()) {
      const place = this.#place('interface', name)
      const netif = {
        name, interface: this.#reader.context(context, place), packet: this.#reader.context(packetContext, place),
      }
      const at = netifs.findIndex((item) => item.name === name)
      if (at < 0) netifs.unshift(netif)
      else netifs[at] = netif
    }
    this.policy.netifs = netifs
  }

  permissive(): void {
    const types = Array.from(this.#changes.permissive, (name) =>
      this.#reader.type(name, this.#place('permissive', name)))
    this.policy.permissive = Ebitmap.of([...this.policy.permissive, ...types])
  }

  /** Which SELinux user a login has has no place in a policy; its range has to be within that of the user. */
  logins(): void {
    for (const { login, seuser, range } of this.#changes.logins.values()) {
      const place = this.#place('login', login)
      const known = this.policy.users.items
      const user = known.find(({ name }) => name === seuser)
      if (user === undefined) {
        throw new LabelsError('unknown-name', `the policy has no SELinux user \`${seuser}\``, place,
          didYouMean(seuser, known.map(({ name }) => name)))
      }
      if (range === null || !this.policy.mls) continue
      const { low, high } = this.#reader.range(range, place)
      if (low.sens < user.range.low.sens || !low.cats.contains(user.range.low.cats) ||
        high.sens > user.range.high.sens || !user.range.high.cats.contains(high.cats)) {
        throw new LabelsError('bad-range', `\`${range}\` is not within the range of \`${seuser}\``, place)
      }
    }
  }
}

const EMPTY_RANGE = { low: { sens: 0, cats: Ebitmap.empty }, high: { sens: 0, cats: Ebitmap.empty } }

/** A new policy; the one given stays unchanged. Throws LabelsError for what the policy does not have. */
export const applyLocalChanges = (policy: Policydb, changes: LocalChanges): Policydb => {
  const application = new Application(policy, changes)
  application.booleans()
  application.users()
  const withUsers = new Application(application.policy, changes)
  withUsers.ports()
  withUsers.nodes()
  withUsers.interfaces()
  withUsers.permissive()
  withUsers.logins()
  return withUsers.policy
}

/**
 * The policy by which genhomedircon checks contexts: SELinux users that were there before keep the roles they had,
 * since libsepol 3.8 does not look at new ones there.
 */
export const policyForHomes = (policy: Policydb, changes: LocalChanges): Policydb => {
  const changed = applyLocalChanges(policy, changes)
  const former = new Map(policy.users.items.map((user) => [user.name, user]))
  const items = changed.users.items.map((user) => ({ ...user, roles: former.get(user.name)?.roles ?? user.roles }))
  return { ...changed, users: { ...changed.users, items } }
}
