/** The record of one LSM: checked here once, so that a policy that would never be called cannot be shipped. */
import type { AuditDetails } from './audit/record.ts'
import { isBlob } from './blob.ts'
import type { BlobAccessor } from './blob.ts'
import { didYouMean } from './did-you-mean.ts'
import { DefineError } from './errors.ts'
import type { DefineCode } from './errors.ts'
import { HookGroups } from './hook-groups.ts'
import type { HookGroup } from './hook-groups.ts'
import type { BlobKind } from './hooks/hook-types.ts'
import type { OwnHookDefs } from './hooks/own-hooks.ts'
import type { LsmContext } from './lsm-context.ts'
import { isAbiText, moduleAbi } from './module-abi.ts'
import type { ModuleAbi } from './module-abi.ts'
import type {
  BlockDevice, Cred, File, InfiniBandAgent, Inode, KernIpcPerm, Key, MsgMsg, PerfEvent, Sock, SuperBlock, Task, TunDev,
} from './objects/index.ts'
import {
  aBoolean, aFunction, anObject, anything, aString, checkOptions, either, listOf, oneOf, optionsOf, recordOf, required,
  wholeNumber,
} from './option-rules.ts'
import type { OptionRules } from './option-rules.ts'
import type { PseudoFs } from './pseudo-fs.ts'

export type { HookGroup }

/** The object each kind of blob sits on. */
export interface BlobObjects {
  cred: Cred
  file: File
  backing_file: File
  ib: InfiniBandAgent
  inode: Inode
  sock: Sock
  superblock: SuperBlock
  ipc: KernIpcPerm
  key: Key
  msg_msg: MsgMsg
  perf_event: PerfEvent
  task: Task
  tun_dev: TunDev
  bdev: BlockDevice
}

/** `struct lsm_blob_sizes` of one LSM: an accessor for each kind of object it keeps state on. */
export type Blobs = { readonly [K in BlobKind]?: BlobAccessor<BlobObjects[K]> | undefined }

/** `hooks` as it may be given. */
export type GivenHooks = HookGroup | readonly HookGroup[] | ((ctx: LsmContext) => HookGroup | readonly HookGroup[])

/**
 * What `hooks` must be, by what was given: a group that a function makes has a type for each of its names, so that the
 * compiler puts its error at the misspelt one and ends it with words.
 */
type CheckedHooks<H> = H extends (...args: never) => infer Made
  ? (ctx: LsmContext) => Made extends readonly unknown[] ? readonly HookGroup[] : CheckedGroup<Made>
  : H extends readonly unknown[] ? H & readonly HookGroup[] : H & CheckedGroup<H>

/** A name that is computed, as in `{ [hook]: () => 0 }`, is checked when the module is defined. */
type CheckedGroup<Made> = HookGroup & {
  readonly [K in keyof Made]: K extends keyof HookGroup
    ? unknown
    : string extends K ? unknown : `there is no hook \`${K & string}\``
}

/** How a task is given a label by this LSM (lsm_set_self_attr(2)), for whoever sets up tasks. */
export interface TaskLabels {
  /** Words in front of a label, where the attributes take commands (`changeprofile NAME`) rather than labels. */
  readonly commands?: { readonly current: string; readonly exec: string }
  /** Only a privileged task may change its label. */
  readonly needsPrivilege?: boolean
}

/** A file below /proc/PID/attr: an attribute that getprocattr and setprocattr know. */
export type TaskAttrFile = 'current' | 'prev' | 'exec' | 'fscreate' | 'keycreate' | 'sockcreate'

/** The directory `/proc/PID/attr/NAME` of an LSM. */
export interface TaskAttrDir {
  readonly name: string
  /** The id that its files use for getprocattr. */
  readonly id: number
  readonly files: readonly TaskAttrFile[]
}

/** A refusal of a module that compares its decisions by itself, in the call that is under way. */
export interface RefusedBeside {
  readonly rc: number
  readonly reason: string
  readonly details: AuditDetails | null
}

/** A module under another policy, which a stack asks beside its own. It is used for one stack. */
export interface BesideModule {
  /** A fresh instance under the other policy, whose hooks are asked. */
  readonly lsm?: Lsm
  /**
   * By kind of object, its state for the instance, made of the state that the module of the stack has there: a copy,
   * because the instance may write to it. State of other kinds is the instance's own.
   */
  readonly seen?: { readonly [K in BlobKind]?: (own: never, object: BlobObjects[K]) => unknown }
  /**
   * Called when its hooks are in place, with a Stack: programs that are attached to this one are asked too, and not
   * obeyed. The result is called at the end.
   */
  readonly start?: (stack: never) => () => void
  /** For a module that finds refusals by itself: it calls `refused` with each one. The result is called at the end. */
  readonly compare?: (refused: (refused: RefusedBeside) => void) => () => void
}

/** The options of `DEFINE_LSM` and `security_add_hooks` together. Only `name` and `hooks` are needed. */
export interface LsmOptions<Name extends string = string, H extends GivenHooks = GivenHooks> {
  /** As `lsm=` spells it: no comma, blank or quote, for it stands in lists. */
  readonly name: Name
  /**
   * The module ABI that it is written for, as a literal: `'1.0'`. A stack refuses a module that its core does not fit,
   * and warns in `explain()` of one without it, which only JavaScript can leave out.
   */
  readonly abi: ModuleAbi
  /** The npm package that it comes from: errors say what to install by it. */
  readonly package?: string
  /** The id that lsm_list_modules(2) reports; 1 to 99 are reserved. 0, the default, is LSM_ID_UNDEF. */
  readonly id?: number
  /** `first` and `last` are placed by the framework and always on; `mutable`, the default, is placed by name. */
  readonly order?: 'first' | 'mutable' | 'last'
  /** Started before the command line is read and in front of everything else; no list can name it. */
  readonly early?: boolean
  /** `security=` chooses one of these and switches the others off. */
  readonly legacyMajor?: boolean
  /** At most one of these is enabled. */
  readonly exclusive?: boolean
  /** An enabled variable of its own, with this value unless `NAME=0` or `NAME=1` is on the command line. */
  readonly enabled?: boolean
  readonly blobs?: Blobs
  /** How many attributes it gives a new inode (lbs_xattr_count): inode_init_security has room for so many. */
  readonly xattrs?: number
  /** Unless given, tasks set the label itself, and need no privilege. */
  readonly taskLabels?: TaskLabels
  /** The files of its own directory `/proc/PID/attr/NAME`; without them it has no directory there. */
  readonly attrFiles?: readonly TaskAttrFile[]
  /** Attached programs run at its place in the order. It is registered even when it is on no hook. At most one may. */
  readonly carriesPrograms?: boolean
  /**
   * The hooks, in one group or several, or a function that makes them when a stack is built. A group may be an object
   * of a class: all of its methods are hooks, called on it, and the rest of it is private (`#state`).
   */
  readonly hooks: CheckedHooks<H>
  /** Hooks beside the kernel's that it may be on: the table that the stack is given, too. */
  readonly ownHooks?: OwnHookDefs
  /** Runs when the stack is complete. A result other than 0 is warned of and changes nothing, as in the kernel. */
  readonly init?: (ctx: LsmContext) => number | void
  /** File trees the LSM declares; a kernel mounts them. */
  readonly pseudoFs?: (ctx: LsmContext) => readonly PseudoFs[]
  /** Makes a module of the same options under another policy, for `stack.beside`. It checks the policy. */
  readonly beside?: (policy: unknown) => BesideModule
}

/** How core knows an LSM that another copy of core has made. */
export const LSM_BRAND: unique symbol = Symbol.for('lsmkit.lsm')
/** A defined LSM: give it to one stack. */
export interface Lsm<Name extends string = string> {
  readonly name: Name
  /** The module ABI that it says it is written for. */
  readonly abi: string | null
  /** The npm package that it comes from, where it says so. */
  readonly package: string | null
  readonly id: number
  readonly order: 'first' | 'mutable' | 'last'
  readonly early: boolean
  readonly legacyMajor: boolean
  readonly exclusive: boolean
  readonly enabled: boolean | null
  readonly blobs: Blobs
  readonly xattrs: number
  readonly taskLabels: TaskLabels
  readonly attrFiles: readonly TaskAttrFile[]
  readonly carriesPrograms: boolean
  /** Hooks beside the kernel's that it may be on: a stack must be given them. */
  readonly ownHooks: OwnHookDefs
  /** The groups, made when asked: once, by the stack. Throws DefineError for a hook that does not exist. */
  readonly hooks: (ctx: LsmContext) => HookGroup
  readonly init: ((ctx: LsmContext) => number | void) | null
  readonly pseudoFs: ((ctx: LsmContext) => readonly PseudoFs[]) | null
  readonly beside: ((policy: unknown) => BesideModule) | null
  readonly [LSM_BRAND]: { readonly core: CoreCopy }
}

/** A copy of core, distinguished by identity. */
export interface CoreCopy {
  readonly abi: string
}

export const thisCore: CoreCopy = Object.freeze({ abi: moduleAbi })

/**
 * Checks the record and gives an instance, which belongs to the one stack it is put into. Throws OptionError for
 * unknown options and values of another type, DefineError for unknown hooks, a hook in two groups, a name or id that
 * cannot be used; each with a code and a hint.
 */
export const defineLsm = <const Name extends string, H extends GivenHooks>(
  options: LsmOptions<Name, H>,
): Lsm<Name> => {
  checkRecord(options)
  const { name, hooks, ownHooks = {} } = options
  const groups = new HookGroups(placeOf(options), ownHooks)
  if (typeof hooks === 'function') groups.checkMaker(hooks)
  const fixed = typeof hooks === 'function' ? null : groups.merge(hooks)
  return Object.freeze({
    name,
    abi: options.abi ?? null,
    package: options.package ?? null,
    id: options.id ?? 0,
    order: options.order ?? 'mutable',
    early: options.early ?? false,
    legacyMajor: options.legacyMajor ?? false,
    exclusive: options.exclusive ?? false,
    enabled: options.enabled ?? null,
    blobs: { ...options.blobs },
    xattrs: options.xattrs ?? 0,
    taskLabels: { ...options.taskLabels },
    attrFiles: [...(options.attrFiles ?? [])],
    carriesPrograms: options.carriesPrograms ?? false,
    ownHooks,
    hooks: (ctx: LsmContext) => fixed ?? groups.merge((hooks as (ctx: LsmContext) => HookGroup)(ctx)),
    init: options.init ?? null,
    pseudoFs: options.pseudoFs ?? null,
    beside: options.beside ?? null,
    [LSM_BRAND]: { core: thisCore },
  })
}

type Fault = (code: DefineCode, message: string, hint?: string | null) => DefineError

const placeOf = (options: unknown): string => {
  const name = typeof options === 'object' && options !== null && 'name' in options ? options.name : undefined
  return typeof name === 'string' && name !== '' ? `lsm \`${name}\`` : 'defineLsm'
}

const faultAt =
  (place: string): Fault =>
    (code, message, hint = null) =>
      new DefineError(code, message, { place, hint })

const blobKinds: readonly BlobKind[] = [
  'cred', 'file', 'backing_file', 'ib', 'inode', 'sock', 'superblock', 'ipc', 'key', 'msg_msg', 'perf_event', 'task',
  'tun_dev', 'bdev',
]

const labelRules: OptionRules<TaskLabels> = {
  commands: optionsOf({ current: required(aString), exec: required(aString) }), needsPrivilege: aBoolean,
}

const attrFiles: readonly TaskAttrFile[] = ['current', 'prev', 'exec', 'fscreate', 'keycreate', 'sockcreate']

const rules: OptionRules<LsmOptions> = {
  name: required(aString),
  abi: { is: isAbiText, what: 'a version of the module ABI', hint: `as text: '${moduleAbi}'` },
  package: aString,
  id: wholeNumber(0),
  order: oneOf('first', 'mutable', 'last'),
  early: aBoolean,
  legacyMajor: aBoolean,
  exclusive: aBoolean,
  enabled: aBoolean,
  blobs: recordOf(anything),
  xattrs: wholeNumber(0),
  taskLabels: optionsOf(labelRules),
  attrFiles: listOf(oneOf(...attrFiles)),
  carriesPrograms: aBoolean,
  hooks: required({ ...either(aFunction, anObject), what: 'a group of hooks, a list of groups, or a function' }),
  ownHooks: recordOf(anything),
  init: aFunction,
  pseudoFs: aFunction,
  beside: aFunction,
}

const checkRecord = (options: Omit<LsmOptions, 'hooks'>): void => {
  const place = placeOf(options)
  checkOptions(options, rules, place)
  const fault = faultAt(place)
  const { name, id = 0, blobs = {} } = options
  if (name === '' || /[\s,"]/.test(name)) {
    throw fault('bad-name', `\`${name}\` cannot be a name`, 'names stand in comma lists: no comma, blank or quote')
  }
  if (id > 0 && id < 100) throw fault('bad-id', `id \`${id}\` is reserved`, 'take one of at least 100; 0 is "none"')
  checkBlobs(blobs, fault)
}

const checkBlobs = (blobs: Blobs, fault: Fault): void => {
  for (const [kind, accessor] of Object.entries(blobs)) {
    if (!blobKinds.includes(kind as BlobKind)) {
      const hint = didYouMean(kind, blobKinds) ?? `on ${blobKinds.join(', ')}`
      throw fault('unknown-blob-kind', `there are no blobs on \`${kind}\``, hint)
    }
    if (accessor !== undefined && !isBlob(accessor)) {
      throw fault('bad-blob', `\`blobs.${kind}\` was not made by \`defineBlob\` of this copy of @lsmkit/core`)
    }
  }
}
