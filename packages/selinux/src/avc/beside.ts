/** A second policy beside the one in force: of what is granted, it says what it would refuse. It changes no answer. */
import { EACCES } from '@lsmkit/abi'
import type { BesideModule } from '@lsmkit/core'
import { bytes, checkOptions, required } from '@lsmkit/core/option-rules'
import { className, permissionNames } from '../class-map.ts'
import { AVD_FLAGS_PERMISSIVE, AvDecision } from '../server/decision.ts'
import { SecurityServer } from '../server/security-server.ts'
import type { SecurityServerOptions } from '../server/server-types.ts'
import type { Selinux as WholeSelinux } from '../state.ts'
import { XpermNode } from './xperms.ts'

type Selinux = Pick<WholeSelinux, 'avc' | 'release' | 'server'>
type Exact = SecurityServerOptions['kernelExact']

/** A decision that the policy in force grants and the other one would refuse. */
export interface RefusedBeside {
  readonly scontext: string
  readonly tcontext: string
  readonly tclass: string
  /** Of those that were asked for: the refused ones. */
  readonly permissions: readonly string[]
  /** `no-rule`: no rule allows it. `no-context`: the other policy does not know a context, so it cannot be asked. */
  readonly reason: 'no-rule' | 'no-context'
}

/** No function of it throws. */
export class PolicyBeside {
  readonly #selinux: Selinux
  readonly #other: SecurityServer
  readonly #refused: (refused: RefusedBeside) => void
  readonly #decision = new AvDecision()

  /** Throws PolicyError for a policy that cannot be loaded. */
  constructor(selinux: Selinux, policy: Uint8Array, refused: (refused: RefusedBeside) => void, kernelExact: Exact) {
    const { release } = selinux
    this.#selinux = selinux
    this.#refused = refused
    this.#other = new SecurityServer({
      mode: 'kernel', enforcing: () => selinux.avc.enforcing, ...(kernelExact === undefined ? {} : { kernelExact }),
    })
    this.#other.setClassMap(release.classes, release.policyCapabilities)
    this.#other.load(policy)
    this.renew()
  }

  /** Takes over the booleans in force, as a load does. */
  renew(): void {
    const own = new Set(this.#other.booleans().map(({ name }) => name))
    const values = this.#selinux.server.booleans().filter(({ name }) => own.has(name))
    this.#other.setBooleans(Object.fromEntries(values.map(({ name, value }) => [name, value])))
  }

  /** The permissions that it grants: none where it cannot be asked. */
  allowed(ssid: number, tsid: number, tclass: number): number {
    try {
      return this.#decide(this.#sid(ssid), this.#sid(tsid), tclass)
    } catch {
      return 0
    }
  }

  #decide(source: number, target: number, tclass: number): number {
    if (source <= 0 || target <= 0) return 0
    this.#other.computeAv(source, target, tclass, this.#decision)
    return (this.#decision.flags & AVD_FLAGS_PERMISSIVE) === 0 ? this.#decision.allowed : -1
  }

  /** By contexts, because the numbers differ. A stack without a policy has initial SIDs alone. */
  #sid(sid: number): number {
    const { server } = this.#selinux
    if (!server.loaded) return this.#other.initialSid(sid)
    const text = server.sidToContext(sid, true)
    return typeof text === 'string' ? this.#other.contextToSid(text) : text
  }

  /** Reports `permissions` as refused. */
  report(ssid: number, tsid: number, tclass: number, permissions: number): void {
    try {
      const isKnown = this.#sid(ssid) > 0 && this.#sid(tsid) > 0
      this.#refused({
        scontext: this.#text(ssid), tcontext: this.#text(tsid), tclass: className(tclass),
        permissions: permissionNames(tclass, permissions), reason: isKnown ? 'no-rule' : 'no-context',
      })
    } catch {
      // the listener's fault is no matter of the policy in force
    }
  }

  #text(sid: number): string {
    const text = this.#selinux.server.sidToContext(sid, true)
    return typeof text === 'string' ? text : `sid=${sid}`
  }

  /** Asks for a command of `requested`, and reports it where it is refused. */
  askCommand(
    ssid: number, tsid: number, tclass: number, requested: number, driver: number, base: number, xperm: number,
  ): void {
    let refused = requested
    try {
      const [source, target] = [this.#sid(ssid), this.#sid(tsid)]
      refused = requested & ~this.#decide(source, target, tclass)
      const { flags, xperms } = this.#decision
      if (refused === 0 && (flags & AVD_FLAGS_PERMISSIVE) === 0 && xperms.len !== 0) {
        const found = new XpermNode(xperms).decisionOf(this.#other, source, target, tclass, driver, base)
        if (found === null || !XpermNode.has(found.allowed, xperm)) refused = requested
      }
    } catch {
      refused = requested
    }
    if (refused !== 0) this.report(ssid, tsid, tclass, refused)
  }
}

/**
 * Asks `policy` beside the one in force, in the place of another; `kernelExact` is that of the instance. The answer
 * ends it. Throws PolicyError.
 */
export const comparePolicy = (
  selinux: Selinux, policy: Uint8Array, refused: (refused: RefusedBeside) => void, kernelExact?: Exact,
): (() => void) => {
  const beside = new PolicyBeside(selinux, policy, refused, kernelExact)
  const { avc } = selinux
  avc.beside = beside
  return () => {
    if (avc.beside === beside) avc.beside = null
  }
}

const reasons: Readonly<Record<RefusedBeside['reason'], string>> = {
  'no-rule': 'no rule of the policy that is asked allows it',
  'no-context': 'the policy that is asked does not know a context of it, so it cannot be asked',
}

/**
 * For `stack.beside`: decisions are compared, not hooks. The cache asks the other policy once for each of its entries,
 * and contexts, which both policies know, stand for their numbers. Throws OptionError, and PolicyError when it begins.
 */
export const besideSelinux = (selinux: Selinux, given: unknown, kernelExact: Exact): BesideModule => {
  checkOptions({ policy: given }, { policy: required(bytes) }, 'beside')
  return {
    compare: (report) => comparePolicy(selinux, given as Uint8Array, (refused) => {
      const { scontext, tcontext, tclass, permissions, reason } = refused
      const details = { scontext, tcontext, tclass, permissions: permissions.join(' ') }
      report({ rc: -EACCES, reason: reasons[reason], details })
    }, kernelExact),
  }
}
