/**
 * Roles: narrower policies of one box, by name. A run that has a role is confined by the policy of the box and by that
 * of the role. The names of roles are places, looked up when the box is made, as those of the policy are.
 */
import type { Task } from '@lsmkit/core'
import { didYouMean } from '@lsmkit/core/option-rules'
import type { Kernel } from '@lsmkit/kernel'
import { wholeAllow, widened } from './allow.ts'
import type { WholeAllow } from './allow.ts'
import { confinedParentOf } from './confinement.ts'
import { peersOf } from './hosts/guard.ts'
import type { Peers } from './hosts/guard.ts'
import { coversRule } from './hosts/host-rule.ts'
import { Hosts } from './hosts/hosts.ts'
import type { NamedPlaces } from './names/named-places.ts'
import { isBeneath } from './names/walk-name.ts'
import type { Role } from './policy.ts'
import { SandboxError } from './sandbox-error.ts'
import { endTask } from './subject.ts'

const paths = ['read', 'write', 'exec'] as const
const peers = ['connect', 'listen'] as const

const wider = (name: string, list: string, what: unknown, hint: string): SandboxError =>
  new SandboxError('bad-policy', `\`${String(what)}\` is more than the policy allows`, {
    place: `roles: ${name}: allow: ${list}`, hint,
  })

/** Throws SandboxError for a host that no rule of the policy covers. */
const checkHosts = (name: string, role: WholeAllow, box: WholeAllow): void => {
  const rules = new Hosts(box.hosts).rules
  const extra = role.hosts.find((given) =>
    new Hosts([given]).rules.some((rule) => !rules.some((top) => coversRule(top, rule))))
  if (extra === undefined) return
  const text = typeof extra === 'string' ? extra : JSON.stringify(extra)
  throw wider(name, 'hosts', text, '`hosts` of the policy')
}

export class Roles {
  readonly #roles: ReadonlyMap<string, Role & { readonly whole: WholeAllow | null }>
  readonly #allow: WholeAllow | null
  readonly #parents = new Map<string, Task>()
  readonly #peers: ReadonlyMap<string, Peers>
  /** The lists of the policy and of all roles together: the names that have places. */
  readonly named: WholeAllow | null

  /** Throws SandboxError for a role that is about more than the policy. */
  constructor(roles: Readonly<Record<string, Role>>, allow: WholeAllow | null) {
    this.#allow = allow
    this.#roles = new Map(Object.entries(roles).map(([name, role]) => {
      const whole = role.allow === undefined ? null : wholeAllow(role.allow)
      if (whole !== null) this.#checkPeers(name, whole)
      return [name, { ...role, whole }]
    }))
    this.#peers = new Map([...this.#roles].flatMap(([name, { whole }]) =>
      (whole === null ? [] : [[name, peersOf(whole)] as const])))
    this.named = [...this.#roles.values()].reduce((all: WholeAllow | null, { whole }) =>
      (all === null || whole === null ? all : widened(all, whole)), allow)
  }

  #checkPeers(name: string, role: WholeAllow): void {
    const allow = this.#allow
    if (allow === null) {
      throw new SandboxError('bad-policy', 'a role narrows `allow`, and the policy has none', {
        place: `roles: ${name}`, hint: '`allow` in the policy',
      })
    }
    for (const list of peers) {
      const extra = role[list].find((peer) => !allow[list].includes(peer))
      if (extra !== undefined) throw wider(name, list, extra, `\`${list}\` of the policy`)
    }
    checkHosts(name, role, allow)
  }

  /** Throws SandboxError for a path of a role that does not lie beneath one of the policy. */
  checkWithin(places: NamedPlaces): void {
    const allow = this.#allow
    if (allow === null) return
    for (const [name, { whole }] of this.#roles) {
      for (const list of paths) {
        // what may be executed may be read too
        const names = list === 'read' ? [...allow.read, ...allow.exec] : allow[list]
        const tops = names.map((top) => places.realOf(top))
        const extra = whole?.[list].find((path) => !tops.some((top) => isBeneath(places.realOf(path), top)))
        if (extra !== undefined) throw wider(name, list, extra, `a path beneath \`${list}\` of the policy`)
      }
    }
  }

  /** Throws SandboxError where there is no such role. */
  of(name: string): Role {
    const role = this.#roles.get(name)
    if (role !== undefined) return role
    const known = [...this.#roles.keys()]
    throw new SandboxError('not-there', `there is no role \`${name}\``, {
      place: 'role', hint: didYouMean(name, known) ?? (known.length === 0 ? '`roles` in the policy' : known.join(', ')),
    })
  }

  /** The permissions of a task of the role; null where the modules alone decide. */
  allowOf(name: string | null): WholeAllow | null {
    return (name === null ? null : this.#roles.get(name)?.whole) ?? this.#allow
  }

  /** The hosts and ports of a role; null where it has the policy's own. */
  peersOf(name: string | null): Peers | null {
    const own = name === null ? undefined : this.#peers.get(name)
    return own ?? null
  }

  /** By name; null where a role has the policy's own. */
  get allows(): Readonly<Record<string, WholeAllow | null>> {
    return Object.fromEntries([...this.#roles].map(([name, { whole }]) => [name, whole]))
  }

  /** The task whose children have the role; null where they are confined as all others. */
  parentOf(name: string, kernel: Kernel, places: NamedPlaces): Task | null {
    const narrow = this.#roles.get(name)?.whole ?? null
    if (narrow === null) return null
    const known = this.#parents.get(name)
    if (known !== undefined) return known
    const parent = confinedParentOf(kernel, this.#allow, places, narrow)
    this.#parents.set(name, parent)
    return parent
  }

  /** Ends the parents; later tasks get new ones. */
  endParents(kernel: Kernel, places: NamedPlaces): void {
    for (const parent of this.#parents.values()) endTask(kernel, places.holder, parent)
    this.#parents.clear()
  }
}
