/** `createStack`: orders the LSMs, lays out their blobs, hands each its context, and builds the hook table of them. */
import { cap_inode_removexattr, cap_inode_setxattr } from './commoncap/xattr-guard.ts'
import { BoundHost } from './bound-host.ts'
import { bindBlobs, placeBlobs } from './blob.ts'
import type { BlobClaim, BlobPlace, Pool } from './blob.ts'
import { checkComposition, checkStackOptions } from './compose.ts'
import type { StackOptions } from './compose.ts'
import { Current } from './current.ts'
import type { CapabilityCalls, ColdPath, Member } from './dispatch/strategy.ts'
import { ComposeError } from './errors.ts'
import type { HookName, KeyMap } from './hooks/hook-defs.ts'
import type { BlobKind, HookFn } from './hooks/hook-types.ts'
import type { Host } from './host.ts'
import { createInitTask } from './init-task.ts'
import type { HookGroup, Lsm } from './define-lsm.ts'
import type { LsmContext, Profile } from './lsm-context.ts'
import { plainObjects } from './objects/factories.ts'
import type { Objects } from './objects/factories.ts'
import { bootArguments, DEFAULT_CONFIG_LSM, orderLsms } from './order.ts'
import type { Order } from './order.ts'
import type { PseudoFs } from './pseudo-fs.ts'
import { standIn } from './stand-in.ts'

export type { StackOptions } from './compose.ts'

/** Who refused last. */
export interface Denial {
  readonly hook: string
  readonly lsm: string
  readonly rc: number
}

export interface Stack {
  /** The hook table: `lsm.file_open.ask(file)`, `lsm.task_free.tell(task)`. Pass it on as a function parameter. */
  readonly lsm: KeyMap
  readonly current: Current
  readonly objects: Objects
  readonly profile: Profile
  /** As /sys/kernel/security/lsm names them and lsm_list_modules(2) numbers them. */
  readonly names: readonly string[]
  readonly ids: readonly number[]
  readonly order: Order
  /** The last denial; null until there was one. */
  denial: Denial | null
  /** What LSMs may call back; a kernel puts itself here when it boots. */
  host: Host
  readonly pseudoFs: readonly PseudoFs[]
}

/** Throws ComposeError for mistakes in the options; what the kernel would only ignore is told by `explain()`. */
export const createStack = (options: StackOptions): Stack => {
  checkStackOptions(options)
  const { lsms, profile = '6.12', objects = plainObjects } = options
  checkComposition(options)
  const order = orderOf(options)
  const enabled = order.initOrder.map((name) => lsms.find((lsm) => lsm.name === name)!)
  const places = placeBlobs(claimsOf(enabled))
  const pools = bindBlobs(places)
  const host = new BoundHost()
  const current = new Current(createInitTask(objects))
  pools.cred?.alloc(current.task.cred)
  pools.task?.alloc(current.task)
  let table: KeyMap | null = null
  const contexts = enabled.map((lsm): LsmContext => ({
    get lsm() {
      if (table === null) throw new ComposeError('too-early', '`ctx.lsm` is asked for before the hooks are known')
      return table
    },
    current, profile, lsmid: lsm.id, objects, host, audit: { emit() {}, deny: (rc) => rc },
  }))
  const groups = enabled.map((lsm, i) => hooksOf(lsm, contexts[i]!))
  const registered = enabled.filter((_, i) => Object.keys(groups[i]!).length > 0)
  const caps: CapabilityCalls = {
    cap_inode_setxattr: (dentry, name) => cap_inode_setxattr(table!, current, dentry, name),
    cap_inode_removexattr: (idmap, dentry, name) => cap_inode_removexattr(table!, current, idmap, dentry, name),
    vm_enough_memory: () => 0,
  }
  const stack: Stack = {
    lsm: null as unknown as KeyMap,
    current,
    objects,
    profile,
    names: registered.map(({ name }) => name),
    ids: registered.map(({ id }) => id),
    order,
    denial: null,
    get host() {
      return host
    },
    set host(behind: Host) {
      host.behind = behind
    },
    pseudoFs: [],
  }
  const cold: ColdPath = {
    onSettle(hook, lsm, rc) {
      if (rc < 0) stack.denial = { hook, lsm, rc }
    },
    onFault() {},
  }
  table = standIn({
    members: membersOf(enabled, groups),
    env: { current, caps, blobs: pools, xattr_count: order.blobTotals.xattr_count },
    cold,
  })
  Object.assign(stack, { lsm: table })
  enabled.forEach((lsm, i) => lsm.init?.(contexts[i]!))
  Object.assign(stack, { pseudoFs: enabled.flatMap((lsm, i) => lsm.pseudoFs?.(contexts[i]!) ?? []) })
  return stack
}

const orderOf = ({ lsms, cmdline = '', config, exclusive }: StackOptions): Order => {
  const boot = bootArguments(cmdline, lsms.filter((lsm) => lsm.enabled !== null).map(({ name }) => name))
  const records = lsms.map((lsm) => ({
    name: lsm.name,
    order: lsm.order,
    early: lsm.early,
    legacyMajor: lsm.legacyMajor,
    exclusive: lsm.exclusive,
    enabled: boot.enabled.get(lsm.name) ?? lsm.enabled,
    blobs: { ...sizesOf(lsm), xattr_count: lsm.xattrs },
  }))
  return orderLsms(records, { ...boot, configLsm: config ?? defaultConfig(lsms), exclusive: exclusive ?? 'one' })
}

/** The kernel's list, and behind it the names it does not know, in the order of the array. */
const defaultConfig = (lsms: readonly Lsm[]): string => {
  const known = DEFAULT_CONFIG_LSM.split(',')
  const added = lsms.filter((lsm) => lsm.order === 'mutable' && !lsm.early && !known.includes(lsm.name))
  return [...known, ...added.map(({ name }) => name)].join(',')
}

const sizesOf = (lsm: Lsm): Partial<Record<BlobKind, number>> =>
  Object.fromEntries(Object.entries(lsm.blobs).map(([kind, accessor]) => [kind, accessor?.size ?? 0]))

const claimsOf = (lsms: readonly Lsm[]): BlobClaim[] =>
  lsms.flatMap((lsm) =>
    Object.entries(lsm.blobs).flatMap(([kind, accessor]) =>
      accessor === undefined ? [] : [{ lsm: lsm.name, kind: kind as BlobKind, accessor }],
    ),
  )

const hooksOf = (lsm: Lsm, context: LsmContext): HookGroup => lsm.hooks(context)

const membersOf = (lsms: readonly Lsm[], groups: readonly HookGroup[]): Partial<Record<HookName, Member[]>> => {
  const members: Partial<Record<HookName, Member[]>> = {}
  lsms.forEach((lsm, position) => {
    for (const [hook, fn] of Object.entries(groups[position]!)) {
      ;(members[hook as HookName] ??= []).push({ lsm: lsm.name, id: lsm.id, position, fn: fn as HookFn })
    }
  })
  return members
}

export type { BlobPlace, Pool, ComposeError }
