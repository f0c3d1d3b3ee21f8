/**
 * The security server: a loaded policy, the SIDs handed out under it, and every question asked of them.
 *
 * Class numbers are the kernel's, as `setClassMap` says them; where a method's name ends in `User`, and for member,
 * change and what selinuxfs asks else, they are the policy's. SIDs are positive integers; answers below zero are
 * -errno.
 */
import { EINVAL, ENOENT, EPERM, EACCES } from '@lsmkit/abi'
import { checkOptions } from '@lsmkit/core/option-rules'
import {
  SECINITSID_INIT, SECINITSID_KERNEL, SECINITSID_NETIF, SECINITSID_NETMSG, SECINITSID_NODE, SECINITSID_PORT,
  SECINITSID_UNLABELED,
} from '../initial-sids.ts'
import { AVTAB_CHANGE, AVTAB_MEMBER, AVTAB_TRANSITION } from '../policydb/constants.ts'
import type { Context, Netif } from '../policydb/policydb.ts'
import { readPolicy } from '../policydb/reader.ts'
import { writePolicy } from '../policydb/writer.ts'
import type { KernelClass } from './class-mapping.ts'
import { clearDecision, computeAv } from './compute-av.ts'
import type { OnBounds } from './compute-av.ts'
import { computeContext } from './compute-sid.ts'
import type { SidRequest } from './compute-sid.ts'
import { SecurityContext } from './context.ts'
import { contextText, parseContext } from './context-text.ts'
import { AvDecision } from './decision.ts'
import type { XpermDecision } from './decision.ts'
import type { LoadedPolicy } from './loaded-policy.ts'
import { findFsUse, findIbEndport, findIbPkey, findNetif, findNode, findPort } from './object-contexts.ts'
import { boundedText, boundsText, computedText, mlsCopyText, validateText } from './selinux-err.ts'
import { mapClasses, nextState } from './server-state.ts'
import type { ServerState } from './server-state.ts'
import { serverRules } from './server-types.ts'
import type { BooleanState, FsUseAnswer, LoadReport, PolicyClass, SecurityServerOptions } from './server-types.ts'
import { initialSidNames, SECINITSID_NUM } from './sid-table.ts'
import { userContexts } from './user-sids.ts'

/** Behaviours that no rule of the policy says. */
const SECURITY_FS_USE_GENFS = 4
const SECURITY_FS_USE_NONE = 5

/** Texts that are kept with their SIDs. */
const TEXTS = 65_536

/** Names are those of initial SIDs, but for the last of them, which Linux passes over; all else is the kernel's. */
const sidBeforeLoad = (text: string): number => {
  if (text === '') return -EINVAL
  const sid = initialSidNames.indexOf(text)
  return sid > 0 && sid < SECINITSID_NUM ? sid : SECINITSID_KERNEL
}

export class SecurityServer {
  /** Policy sequence number: one more with each load and each commit of booleans. */
  seqno = 0
  #state: ServerState | null = null
  /** Policy capabilities that the kernel knows; null: all that a policy may have. */
  #capabilities: readonly string[] | null = null
  #classes: readonly KernelClass[] | null = null
  readonly #options: SecurityServerOptions
  readonly #texts = new Map<string, number>()

  constructor(options: SecurityServerOptions = {}) {
    checkOptions(options, serverRules, 'SecurityServer')
    this.#options = options
  }

  get loaded(): boolean {
    return this.#state !== null
  }

  /** The loaded policy, for comparing its symbols; null before a load. */
  get policy(): LoadedPolicy | null {
    return this.#state?.policy ?? null
  }

  /** The context that counts for a SID; null before a load, and of a number that stands for nothing. */
  contextOf(sid: number): SecurityContext | null {
    return this.#state?.sids.effective(sid) ?? null
  }

  get #isLibsepol(): boolean {
    return this.#options.mode === 'libsepol'
  }

  /** Throws PolicyError; the old policy then stays in force, untouched. */
  load(bytes: Uint8Array): LoadReport {
    const db = readPolicy(bytes)
    const states = new Map(this.booleans().map(({ name, value }) => [name, value]))
    for (const item of db.booleans.items) item.state = states.get(item.name) ?? item.state
    const { state, unmapped } = nextState(db, this.#state, this.#classes, this.#options)
    this.#state = state
    this.#texts.clear()
    this.seqno++
    return { version: db.version, seqno: this.seqno, unknown: state.mapping?.unknown ?? [], unmapped }
  }

  /** The kernel's classes. Without any, all class numbers are the policy's. */
  setClassMap(classes: readonly KernelClass[], capabilities: readonly string[] | null = null): void {
    this.#capabilities = capabilities
    const state = this.#state
    if (state !== null) this.#state = { ...state, mapping: mapClasses(classes, state.policy) }
    this.#classes = classes
  }

  /** The policy's image with the states that booleans have now; -EINVAL before a load. */
  policyImage(): Uint8Array | number {
    if (this.#state === null) return -EINVAL
    return writePolicy(this.#state.policy.db)
  }

  contextToSid(text: string, defaultSid = 0): number {
    const state = this.#state
    if (state === null) return sidBeforeLoad(text)
    const known = defaultSid === 0 ? this.#texts.get(text) : undefined
    if (known !== undefined) return known
    const range = defaultSid === 0 ? null : state.sids.effective(defaultSid)
    const context = parseContext(state.policy, text, range)
    if (context === null) return -EINVAL
    const sid = state.sids.sidOf(context)
    if (defaultSid === 0) this.#remember(text, sid)
    return sid
  }

  #remember(text: string, sid: number): void {
    if (this.#texts.size >= TEXTS) this.#texts.clear()
    this.#texts.set(text, sid)
  }

  /**
   * As contextToSid; a text that is not a context gets a SID too, counts as unlabelled, and may become one at a load.
   */
  contextToSidForce(text: string, defaultSid = 0): number {
    const sid = this.contextToSid(text, defaultSid)
    return sid > 0 || this.#state === null ? sid : this.#state.sids.sidOfText(text)
  }

  /** The canonical text, or -errno. `force`: the stored text of what is not a context now. */
  sidToContext(sid: number, force = false): string | number {
    const state = this.#state
    if (state === null) return initialSidNames[sid === SECINITSID_INIT ? SECINITSID_KERNEL : sid] ?? -EINVAL
    if (force) {
      const text = state.sids.text(sid)
      if (text !== undefined) return text
    }
    const context = state.sids.effective(sid)
    return context === null ? -EINVAL : contextText(state.policy, context)
  }

  /** Is there a context, not just a text, behind a SID? */
  isSidValid(sid: number): boolean {
    return this.#state === null ? sid > 0 && sid <= SECINITSID_NUM : this.#state.sids.own(sid) !== null
  }

  #allowAll(out: AvDecision): void {
    out.allowed = -1
  }

  /** Into `out`, in the kernel's numbers: security_compute_av. */
  computeAv(ssid: number, tsid: number, tclass: number, out: AvDecision): void {
    const state = this.#state
    if (state === null || state.mapping === null) return this.computeAvUser(ssid, tsid, tclass, out)
    const { policy, sids, mapping } = state
    out.seqno = this.seqno
    const source = sids.effective(ssid)
    const target = sids.effective(tsid)
    if (source === null || target === null) return clearDecision(out)
    const value = mapping.value(tclass)
    computeAv(policy, source, target, value, out, this.#onBounds)
    if (value === 0) {
      if (tclass !== 0 && policy.db.allowUnknown) this.#allowAll(out)
      return
    }
    mapping.translate(tclass, policy.db.allowUnknown, out)
  }

  /** Into `out`, in the policy's numbers: security_compute_av_user. */
  computeAvUser(ssid: number, tsid: number, tclass: number, out: AvDecision): void {
    const state = this.#state
    out.seqno = this.seqno
    if (state === null) {
      clearDecision(out)
      return this.#allowAll(out)
    }
    const source = state.sids.effective(ssid)
    const target = state.sids.effective(tsid)
    if (source === null || target === null) return clearDecision(out)
    computeAv(state.policy, source, target, tclass, out, this.#onBounds)
    if (tclass === 0 && state.policy.db.allowUnknown) this.#allowAll(out)
  }

  readonly #onBounds: OnBounds = (source, target, tclass, masked) => {
    if (this.#state !== null) this.#options.report?.(boundsText(this.#state.policy, source, target, tclass, masked))
  }

  /** The sets of `out` for one driver and base permission: security_compute_xperms_decision. */
  computeXperms(ssid: number, tsid: number, tclass: number, driver: number, base: number, out: XpermDecision): void {
    const state = this.#state
    out.driver = driver
    out.base = base
    out.auditallow.fill(0)
    out.dontaudit.fill(0)
    if (state === null) return void out.allowed.fill(0xffffffff)
    const value = this.#policyClass(state, tclass)
    if (value === 0) return void out.allowed.fill(state.policy.db.allowUnknown ? 0xffffffff : 0)
    out.allowed.fill(0)
    const source = state.sids.effective(ssid)
    const target = state.sids.effective(tsid)
    if (source === null || target === null || !state.policy.xperms.has(value)) return
    state.policy.xperms.collect(source.type, target.type, value, state.policy.states, out)
  }

  /** The policy's number of a kernel's class. */
  #policyClass({ mapping }: ServerState, tclass: number): number {
    return mapping === null ? tclass : mapping.value(tclass)
  }

  /** Sockets get role, type and range of who makes them; to libsepol they are like all else. */
  #isSocket({ policy, mapping }: ServerState, value: number): boolean {
    if (this.#isLibsepol) return false
    return mapping === null ? (policy.names.classes[value]?.endsWith('socket') ?? false) : mapping.isPolicySocket(value)
  }

  /** A new object's SID, or -errno. `name`: the last component of its path. */
  transitionSid(ssid: number, tsid: number, tclass: number, name: string | null = null): number {
    const state = this.#state
    if (state === null) return this.#classes?.[tclass - 1]?.name === 'process' ? ssid : tsid
    const isSocket =
      state.mapping === null ? this.#isSocket(state, tclass) : !this.#isLibsepol && state.mapping.isSocket(tclass)
    return this.#computeSid(state, AVTAB_TRANSITION, ssid, tsid, this.#policyClass(state, tclass), isSocket, name)
  }

  transitionSidUser(ssid: number, tsid: number, tclass: number, name: string | null = null): number {
    return this.#computeSidUser(AVTAB_TRANSITION, ssid, tsid, tclass, name)
  }

  /** The SID of a member of a polyinstantiated object. `tclass` is the policy's. */
  memberSid(ssid: number, tsid: number, tclass: number): number {
    return this.#computeSidUser(AVTAB_MEMBER, ssid, tsid, tclass, null)
  }

  /** The SID to relabel an object to. `tclass` is the policy's. */
  changeSid(ssid: number, tsid: number, tclass: number): number {
    return this.#computeSidUser(AVTAB_CHANGE, ssid, tsid, tclass, null)
  }

  #computeSidUser(
    kind: SidRequest['kind'], ssid: number, tsid: number, tclass: number, name: string | null,
  ): number {
    const state = this.#state
    if (state === null) return tsid
    return this.#computeSid(state, kind, ssid, tsid, tclass, this.#isSocket(state, tclass), name)
  }

  #computeSid(
    {
      policy, sids,
    }: ServerState, kind: SidRequest['kind'], ssid: number, tsid: number, tclass: number, isSocket: boolean,
    name: string | null,
  ): number {
    const source = sids.effective(ssid)
    const target = sids.effective(tsid)
    if (source === null || target === null) return -EINVAL
    if (this.#isLibsepol && policy.classOf[tclass] === undefined) return -EINVAL
    const context = computeContext(policy, { kind, source, target, tclass, isSocket, name })
    if (typeof context === 'number') return context
    if (!policy.isValid(context)) {
      this.#options.report?.(computedText(policy, context, source, target, tclass))
      if (this.#isEnforcing) return -EACCES
    }
    return sids.sidOf(context)
  }

  /**
   * A SID of the user, role and type of one and the range of another, or -errno; the first itself where there are no
   * ranges (security_sid_mls_copy).
   */
  mlsCopySid(sid: number, mlsSid: number): number {
    const state = this.#state
    if (state === null || !state.policy.mls) return sid
    const { policy, sids } = state
    const own = sids.effective(sid)
    const ranged = sids.effective(mlsSid)
    if (own === null || ranged === null) return -EINVAL
    const context = new SecurityContext(own.user, own.role, own.type, ranged.low, ranged.high)
    if (!policy.isValid(context) && this.#isEnforcing) {
      this.#options.report?.(mlsCopyText(policy, context))
      return -EINVAL
    }
    return sids.sidOf(context)
  }

  get #isEnforcing(): boolean {
    return this.#isLibsepol || (this.#options.enforcing?.() ?? true)
  }

  /** May an object be relabelled? 0, -EPERM, or -EINVAL for a class that there is not. */
  validateTransition(oldsid: number, newsid: number, tasksid: number, tclass: number): number {
    const state = this.#state
    if (state === null) return 0
    const value = this.#policyClass(state, tclass)
    const rc = this.#validate(state, oldsid, newsid, tasksid, value)
    if (rc !== -EPERM) return rc
    const { policy, sids } = state
    const [from, to, task] = [oldsid, newsid, tasksid].map((sid) => sids.effective(sid)!)
    this.#options.report?.(validateText(policy, from!, to!, task!, value))
    return this.#isEnforcing ? rc : 0
  }

  /** As selinuxfs asks it: the policy's class, no record, and permissive mode makes no difference. */
  validateTransitionUser(oldsid: number, newsid: number, tasksid: number, tclass: number): number {
    return this.#state === null ? 0 : this.#validate(this.#state, oldsid, newsid, tasksid, tclass)
  }

  #validate(
    { policy, sids }: ServerState, oldsid: number, newsid: number, tasksid: number, tclass: number,
  ): number {
    const loaded = policy.classOf[tclass]
    const [from, to, task] = [sids.effective(oldsid), sids.effective(newsid), sids.effective(tasksid)]
    if (loaded === undefined || from === null || to === null || task === null) return -EINVAL
    return loaded.validatetrans.every((entry) => policy.constraints.holds(entry, from, to, task)) ? 0 : -EPERM
  }

  /** Is the new type the old one, or bounded by it? 0 or -EPERM (security_bounded_transition). */
  boundedTransition(oldsid: number, newsid: number): number {
    const state = this.#state
    if (state === null) return 0
    const { policy, sids } = state
    const from = sids.effective(oldsid)
    const to = sids.effective(newsid)
    if (from === null || to === null) return -EINVAL
    for (let type = to.type; type !== 0; type = policy.bounds[type]!) if (type === from.type) return 0
    this.#options.report?.(boundedText(policy, from, to))
    return -EPERM
  }

  booleans(): BooleanState[] {
    const policy = this.#state?.policy
    if (policy === undefined) return []
    return [...policy.db.booleans.items]
      .sort((a, b) => a.value - b.value)
      .map(({ name, value }) => ({ name, value: policy.booleans[value] === 1 }))
  }

  /** Sets those named, all at once; 0, or -ENOENT for one that there is not, and then nothing changes. */
  setBooleans(values: Readonly<Record<string, boolean>>): number {
    const policy = this.#state?.policy
    if (policy === undefined) return -EINVAL
    const items = new Map(policy.db.booleans.items.map((item) => [item.name, item]))
    for (const name of Object.keys(values)) if (!items.has(name)) return -ENOENT
    for (const [name, state] of Object.entries(values)) {
      const item = items.get(name)!
      item.state = state
      policy.booleans[item.value] = state ? 1 : 0
    }
    policy.evaluateConditionals()
    this.seqno++
    return 0
  }

  #sidOr(context: Context | null | undefined, otherwise: number): number {
    const state = this.#state
    return context === null || context === undefined || state === null
      ? otherwise
      : state.sids.sidOf(state.policy.context(context))
  }

  get #db() {
    return this.#state?.policy.db
  }

  portSid(protocol: number, port: number): number {
    return this.#sidOr(this.#db && findPort(this.#db, protocol, port), SECINITSID_PORT)
  }

  netifSid(name: string): number {
    return this.#sidOr(this.#netif(name)?.interface, SECINITSID_NETIF)
  }

  /** The label of packets that come in without one; the kernel has long stopped asking. */
  netmsgSid(name: string): number {
    return this.#sidOr(this.#netif(name)?.packet, SECINITSID_NETMSG)
  }

  /** Names with wildcards are newer than Linux 6.12. */
  #netif(name: string): Netif | null {
    const wildcards = this.#options.kernelExact === undefined && this.policyCap('netif_wildcard')
    return this.#db === undefined ? null : findNetif(this.#db, name, wildcards)
  }

  /** `domain` says no more than the length of the address does: 4 bytes or 16, in network order. */
  nodeSid(_domain: number, address: Uint8Array): number {
    return this.#sidOr(this.#db && findNode(this.#db, address), SECINITSID_NODE)
  }

  ibPkeySid(subnetPrefix: Uint8Array, pkey: number): number {
    return this.#sidOr(this.#db && findIbPkey(this.#db, subnetPrefix, pkey), SECINITSID_UNLABELED)
  }

  ibEndportSid(device: string, port: number): number {
    return this.#sidOr(this.#db && findIbEndport(this.#db, device, port), SECINITSID_UNLABELED)
  }

  /** How files of a file system get their labels, and the label of the file system (security_fs_use). */
  fsUse(fstype: string): FsUseAnswer {
    const state = this.#state
    if (state === null) return { behavior: SECURITY_FS_USE_NONE, sid: SECINITSID_UNLABELED }
    const found = findFsUse(state.policy.db, fstype)
    if (found !== null) return { behavior: found.behavior, sid: this.#sidOr(found.context, SECINITSID_UNLABELED) }
    const wildcards = this.policyCap('genfs_seclabel_wildcard')
    const root = state.genfs.find(fstype, '/', state.policy.classes.get('dir') ?? 0, wildcards)
    if (root === null) return { behavior: SECURITY_FS_USE_NONE, sid: SECINITSID_UNLABELED }
    return { behavior: SECURITY_FS_USE_GENFS, sid: this.#sidOr(root, SECINITSID_UNLABELED) }
  }

  /** The SID of a path below the root of its file system; the unlabelled SID where nothing is said. */
  genfsSid(fstype: string, path: string, tclass: number): number {
    const state = this.#state
    if (state === null) return SECINITSID_UNLABELED
    const wildcards = this.policyCap('genfs_seclabel_wildcard')
    const found = state.genfs.find(fstype, path, this.#policyClass(state, tclass), wildcards)
    return this.#sidOr(found, SECINITSID_UNLABELED)
  }

  /** SIDs of the user that `fromsid` may change to, or -EINVAL. */
  userSids(fromsid: number, username: string): number[] | number {
    const state = this.#state
    if (state === null) return []
    const { policy, sids } = state
    const from = sids.effective(fromsid)
    const user = policy.users.get(username)
    if (from === null || user === undefined) return -EINVAL
    const transition = 1 << (policy.names.permissions[policy.process] ?? []).indexOf('transition')
    const decision = new AvDecision()
    const found: number[] = []
    for (const context of userContexts(policy, from, user)) {
      computeAv(policy, from, context, policy.process, decision)
      if ((decision.allowed & transition) !== 0) found.push(sids.sidOf(context))
    }
    return found
  }

  /**
   * The SID that stands for the kernel's initial SID `n`: itself, or the unlabelled one where the policy says
   * nothing.
   */
  initialSid(n: number): number {
    return this.isSidValid(n) ? n : SECINITSID_UNLABELED
  }

  policyCap(name: string): boolean {
    return this.#capabilities?.includes(name) !== false && (this.#state?.policy.policycaps.has(name) ?? false)
  }

  /** Classes and permissions by the policy's numbers. */
  policyClasses(): PolicyClass[] {
    const policy = this.#state?.policy
    if (policy === undefined) return []
    return policy.db.classes.items.map(({ name, value }) => {
      const names = policy.names.permissions[value]!
      const permissions = names.flatMap((perm, bit) => (perm === undefined ? [] : [{ name: perm, value: bit + 1 }]))
      return { name, value, permissions }
    })
  }

  get allowUnknown(): boolean {
    return this.#db?.allowUnknown ?? false
  }

  get rejectUnknown(): boolean {
    return this.#db?.rejectUnknown ?? false
  }

  get mlsEnabled(): boolean {
    return this.#db?.mls ?? false
  }
}
