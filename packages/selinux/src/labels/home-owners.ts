/** The users of homedir templates: every login that seusers maps, by name or by group (libsemanage's get_users). */
import type { Policydb } from '../policydb/policydb.ts'
import { PolicyNames } from '../policydb/names.ts'
import { DEFAULT_LOGIN } from './accounts.ts'
import type { Account, Group, LoginMapping } from './accounts.ts'
import { withoutSlash } from './home-roots.ts'

/** The values that one user puts into a template. */
export interface HomeOwner {
  readonly name: string
  readonly uid: string
  readonly seuser: string
  /** Stands for ROLE. */
  readonly prefix: string
  readonly home: string
  readonly level: string
  /** The role of the labels, null where they keep `object_r` of the template. */
  readonly role: string | null
  /** The login or `%group` of the mapping. */
  readonly login: string
}

/** An SELinux user as templates need it. */
export interface SeuserFacts {
  readonly prefix: string
  readonly level: string
  readonly roles: ReadonlySet<string>
}

const FALLBACK_LEVEL = 's0'
const OBJECT_R = 'object_r'
const DEFAULT_PREFIX = 'user'

/** Any user without a mapping. */
const ANY = { name: '[^/]+', uid: '[0-9]+' } as const

/** SELinux users by name, with their prefixes of users_extra. */
export const seuserFacts = (policy: Policydb, prefixes: ReadonlyMap<string, string>): Map<string, SeuserFacts> => {
  const names = new PolicyNames(policy)
  return new Map(policy.users.items.map(({ name, roles, defaultLevel }) => [name, {
    prefix: prefixes.get(name) ?? DEFAULT_PREFIX,
    level: policy.mls ? names.level(defaultLevel) : FALLBACK_LEVEL,
    roles: new Set(Array.from(roles, (bit) => names.roles[bit + 1] ?? '')),
  }]))
}

const of = (facts: SeuserFacts | undefined, name: string) => {
  const prefix = facts?.prefix ?? name
  const isRole = prefix === OBJECT_R || facts?.roles.has(prefix) === true
  return { prefix, level: facts?.level ?? FALLBACK_LEVEL, role: isRole ? prefix : null }
}

/** The user of a login without a mapping; null where seusers has no default. Its home is for the caller to set. */
export const fallbackOwner = (
  mappings: readonly LoginMapping[], seusers: ReadonlyMap<string, SeuserFacts>,
): HomeOwner | null => {
  const mapping = mappings.find(({ login }) => login === DEFAULT_LOGIN)
  if (mapping === undefined) return null
  const { seuser } = mapping
  return { ...ANY, ...of(seusers.get(seuser), DEFAULT_LOGIN), seuser, home: '', login: ANY.name }
}

export interface OwnerSources {
  readonly accounts: readonly Account[]
  readonly groups: readonly Group[]
  readonly mappings: readonly LoginMapping[]
  readonly seusers: ReadonlyMap<string, SeuserFacts>
  readonly ignored: ReadonlySet<string>
}

/** Names first, by their text; groups after them. */
const byLogin = ({ login: a }: LoginMapping, { login: b }: LoginMapping): number => {
  const [first, second] = [a.startsWith('%'), b.startsWith('%')]
  if (first || second) return Number(first) - Number(second)
  return a < b ? -1 : a > b ? 1 : 0
}

/** Collects owners; the last that is mapped is written first. */
class Owners {
  readonly warnings: string[] = []
  readonly #sources: OwnerSources
  readonly #accounts: ReadonlyMap<string, Account>
  readonly #found = new Map<string, HomeOwner>()

  constructor(sources: OwnerSources) {
    this.#sources = sources
    this.#accounts = new Map([...sources.accounts].reverse().map((account) => [account.name, account]))
  }

  add(name: string, { login, seuser }: LoginMapping): void {
    const known = this.#found.get(name)
    if (known !== undefined && login.startsWith('%')) {
      if (known.login.startsWith('%') && known.login !== login) {
        this.warnings.push(`${name} is mapped by ${known.login} and by ${login}: the first counts`)
      }
      return
    }
    const account = this.#accounts.get(name)
    if (account === undefined) return void this.warnings.push(`${name} is mapped but has no account`)
    const home = withoutSlash(account.home)
    if (home === '/' || this.#sources.ignored.has(home)) return
    const facts = of(this.#sources.seusers.get(seuser), name)
    this.#found.set(name, { name, uid: String(account.uid), seuser, home, login, ...facts })
  }

  addGroup(mapping: LoginMapping): void {
    const group = this.#sources.groups.find(({ name }) => name === mapping.login.slice(1))
    if (group === undefined) return void this.warnings.push(`${mapping.login} is mapped, but there is no such group`)
    for (const name of group.members) this.add(name, mapping)
    for (const { name, gid } of this.#sources.accounts) if (gid === group.gid) this.add(name, mapping)
  }

  get list(): HomeOwner[] {
    return [...this.#found.values()].reverse()
  }
}

export const homeOwners = (sources: OwnerSources): { owners: HomeOwner[]; warnings: string[] } => {
  const owners = new Owners(sources)
  for (const mapping of [...sources.mappings].sort(byLogin)) {
    if (mapping.login === DEFAULT_LOGIN) continue
    if (mapping.login.startsWith('%')) owners.addGroup(mapping)
    else owners.add(mapping.login, mapping)
  }
  return { owners: owners.list, warnings: owners.warnings }
}
