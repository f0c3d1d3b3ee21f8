/** `createStack`: orders the LSMs, lays out their blobs, hands each its context, and builds the hook table of them. */
import type {
  AttachOptions, CgroupAttachOptions, CgroupProgram, FreeHook, Link, ObserveOptions, ObserverOf,
} from './attach.ts'
import { lsm_list_modules } from './attributes.ts'
import { Audit } from './audit/audit.ts'
import { recordAllows } from './audit/allows.ts'
import { Recorder } from './audit/recorder.ts'
import type { WouldDenyRecord } from './audit/record.ts'
import type { Denial } from './audit/recorder.ts'
import { bindBlobs } from './blobs/bind-blobs.ts'
import { placeBlobs } from './blobs/place-blobs.ts'
import type { BlobPlace } from './blobs/place-blobs.ts'
import { Current } from './current.ts'
import type { Lsm, TaskAttrDir, TaskLabels } from './define-lsm.ts'
import { createDispatch } from './dispatch/create-dispatch.ts'
import type { Dispatch } from './dispatch/create-dispatch.ts'
import { profileWith } from './dispatch/profile.ts'
import type { HookProfile } from './dispatch/profile.ts'
import { hookProfile } from './dispatch/release-profiles.ts'
import type { CgroupMap } from './dispatch/strategy.ts'
import { ComposeError, LsmkitError } from './errors.ts'
import { hookNames } from './hooks/hook-defs.ts'
import type { HookMap, HookName } from './hooks/hook-defs.ts'
import type { AnyHookDef, HookFn } from './hooks/hook-types.ts'
import { moduleHooks } from './hooks/module-hooks.ts'
import type { OwnEntryMap, OwnHookMap, OwnHookName, OwnKeyMap } from './hooks/own-hooks.ts'
import type { AnyKeyMap, EntryMapOf, HookMapOf, KeysOf } from './hooks/release-maps.ts'
import type { Host } from './host.ts'
import { DEFAULT_PROFILE } from './kernel-rules.ts'
import type { Profile } from './kernel-rules.ts'
import type { LsmContext } from './lsm-context.ts'
import type { LsmTable } from './generated/lsm-table.ts'
import { plainObjects } from './objects/factories.ts'
import type { Objects } from './objects/factories.ts'
import type { Ref } from './objects/ref.ts'
import { splitCommandLine } from './order/command-line.ts'
import type { BootParameter } from './order/command-line.ts'
import type { Observer } from './programs/trampoline.ts'
import type { PseudoFs } from './pseudo-fs.ts'
import { Beside } from './stack/beside.ts'
import { BoundContext } from './stack/bound-context.ts'
import { BoundHost } from './stack/bound-host.ts'
import { capabilityCalls } from './stack/capability-calls.ts'
import { checkLsms, checkPermissive, refuseOtherHooks, refuseWithoutCapability } from './stack/check-lsms.ts'
import { explain } from './stack/explain.ts'
import type { Explanation } from './stack/explain.ts'
import { createInitTask } from './stack/init-task.ts'
import { currentLabel } from './stack/label.ts'
import { lateTable } from './stack/late-table.ts'
import { moduleTable } from './stack/module-table.ts'
import { checkStackOptions } from './stack/options.ts'
import type { StackOptions } from './stack/options.ts'
import { claimsOf, membersOf, programPlace } from './stack/placed.ts'
import type { Placed } from './stack/placed.ts'
import { quietHost } from './stack/quiet-host.ts'
import { securityfs } from './stack/securityfs.ts'
import { orderStack } from './stack/stack-order.ts'
import type { StackOrder } from './stack/stack-order.ts'
import { Tracing } from './tracing/tracing.ts'

/**
 * A stack with the hooks and the rules of `options.profile`. Throws ComposeError for mistakes in the options;
 * `explain()` lists what a kernel would only ignore.
 */
export const createStack = <P extends Profile = typeof DEFAULT_PROFILE>(options: StackOptions<P>): Stack<P> => {
  checkStackOptions(options)
  checkLsms(options.lsms)
  checkPermissive(options.permissive ?? [], options.lsms)
  return new Stack<P>(options)
}

/** A running composition of LSMs. Made by `createStack`. `Stack` alone is one of any kernel release. */
export class Stack<P extends Profile = Profile> {
  /** The hook table: `lsm.file_open.ask(file)`, `lsm.task_free.tell(task)`. Hand it on as a function parameter. */
  readonly lsm: KeysOf<P> & OwnKeyMap
  readonly current: Current
  readonly objects: Objects = plainObjects
  readonly profile: Profile
  readonly audit: Audit
  /** As /sys/kernel/security/lsm names the LSMs and lsm_list_modules(2) numbers them. */
  readonly names: readonly string[]
  readonly ids: readonly number[]
  /** By place in `ids`. */
  readonly taskLabels: readonly TaskLabels[]
  /** Directories below /proc/PID/attr. */
  readonly attrDirs: readonly TaskAttrDir[]
  readonly order: StackOrder
  /** The boot arguments, cut as the kernel cuts them. */
  readonly bootParameters: readonly BootParameter[]
  /** The framework's own securityfs file, then the trees that enabled LSMs declare. */
  readonly pseudoFs: readonly PseudoFs[]
  /** Where programs look at what a kernel does beside the hooks. */
  readonly tracing: Tracing
  readonly #options: StackOptions
  readonly #table: HookProfile
  readonly #places: readonly BlobPlace[]
  readonly #placed: readonly Placed[]
  readonly #dispatch: Dispatch<object>
  readonly #recorder: Recorder
  readonly #bound = new BoundHost()
  #forModules: (LsmTable & OwnKeyMap) | undefined
  /** LSMs whose `init` returned something other than 0; the kernel only warns of them. */
  readonly #failedInits: readonly string[]

  /** Options and LSMs are checked: use `createStack`. */
  constructor(options: StackOptions) {
    const { lsms, profile = DEFAULT_PROFILE, audit = {}, onAudit, kernelExact = false } = options
    this.#options = options
    this.#table = profileWith(hookProfile(profile), options.ownHooks ?? {})
    this.profile = profile
    this.audit = new Audit(audit, Object.keys(this.#table.hooks))
    if (onAudit) this.audit.addSink(onAudit)
    this.order = orderStack(options)
    this.bootParameters = splitCommandLine(options.cmdline ?? '')
    const enabled = this.order.initOrder.map((name) => lsms.find((lsm) => lsm.name === name)!)
    this.#places = placeBlobs(claimsOf(enabled))
    const pools = bindBlobs(this.#places)
    this.current = new Current(createInitTask())
    pools.cred?.alloc(this.current.task.cred)
    pools.task?.alloc(this.current.task)
    this.#recorder = new Recorder({
      audit: this.audit,
      current: this.current,
      host: this.#bound,
      hooks: this.#table.hooks,
      denials: audit.denials ?? true,
      label: () => currentLabel(this.lsm as AnyKeyMap),
    })
    this.tracing = new Tracing((where, error) => this.#recorder.onHostFault(where, error))
    this.#placed = enabled.map((lsm) => this.#place(lsm))
    if (options.capability !== 'none') refuseWithoutCapability(this.#placed)
    // the kernel's own carrier of programs is on every hook; ours is registered too while it is on none
    const registered = this.#placed
      .filter(({ lsm, group }) => lsm.carriesPrograms || Object.keys(group).length > 0)
      .map(({ lsm }) => lsm)
    this.names = registered.map(({ name }) => name)
    this.ids = registered.map(({ id }) => id)
    this.attrDirs = registered
      .filter(({ attrFiles }) => attrFiles.length > 0)
      .map(({ name, id, attrFiles }) => ({ name, id, files: attrFiles }))
    this.taskLabels = registered.map(({ taskLabels }) => taskLabels)
    this.#dispatch = createDispatch({
      profile: this.#table,
      members: membersOf(this.#placed),
      env: {
        current: this.current,
        caps: capabilityCalls(() => this.lsm as AnyKeyMap, this.current, this.#bound),
        blobs: pools,
        xattr_count: this.order.blobTotals.xattr_count,
        cgroups: options.cgroups ?? cgroupsOf(this.#bound),
        callRcu: options.callRcu,
      },
      cold: this.#recorder,
      strategy: options.dispatch,
      permissive: options.permissive,
      onFault: options.onFault,
      kernelExact,
      programs: programPlace(lsms, this.#placed, kernelExact),
    })
    this.lsm = this.#dispatch.lsm as KeysOf<P> & OwnKeyMap
    if (audit.allows) recordAllows(this.#dispatch, this.#recorder, this.#table.hooks, audit.allows)
    this.#failedInits = this.#placed.filter(({ lsm, context }) => start(lsm, context) !== 0).map(({ lsm }) => lsm.name)
    const declared = this.#placed.flatMap(({ lsm, context }) => lsm.pseudoFs?.(context) ?? [])
    this.pseudoFs = [securityfs(this.names), ...declared]
  }

  /** The last denial; null until there was one. */
  get denial(): Denial | null {
    return this.#recorder.denial
  }

  /** The services that LSMs may call. A kernel puts itself here when it boots; reading gives what LSMs hold. */
  get host(): Host {
    return this.#bound
  }

  set host(host: Host) {
    this.#bound.behind = host
  }

  /** A host caught what its own code threw in a call, which it refuses: a record says so. Never throws. */
  reportFault(where: string, error: unknown): void {
    this.#recorder.onHostFault(where, error)
  }

  /** The hooks of this stack's kernel, and the host's own, by name. */
  get hooks(): Readonly<Record<string, AnyHookDef>> {
    return this.#table.hooks
  }

  /** Which modules run and why, which are on each hook, where state lies; as text and as JSON. */
  explain(): Explanation {
    const { profile, order } = this
    const options = this.#options
    const placed = this.#placed
    const places = this.#places
    const failedInits = this.#failedInits
    const dispatch = this.#dispatch
    const { hooks } = this.#table
    return explain({ options, profile, order, placed, places, failedInits, dispatch, hooks })
  }

  /** Puts a function on a hook by KRSI's rules: the last one first, 0 is not an opinion. Throws AttachError. */
  attach<N extends keyof HookMapOf<P>>(hook: N, program: HookMapOf<P>[N], options?: AttachOptions): Link
  attach<N extends HookName>(hook: N, program: CgroupProgram<N>, options: CgroupAttachOptions): Link
  attach<N extends OwnHookName>(hook: N, program: OwnHookMap[N], options?: AttachOptions): Link
  attach(hook: string, program: HookFn, options?: AttachOptions): Link {
    return this.#dispatch.attach(hook, program, options)
  }

  /** Watches a hook: its arguments on entry, and what it came to on exit. */
  observe<N extends keyof EntryMapOf<P>>(
    hook: N, observer: ObserverOf<Extract<EntryMapOf<P>[N], HookFn>>, options?: ObserveOptions,
  ): Link
  observe<N extends OwnHookName>(hook: N, observer: ObserverOf<OwnEntryMap[N]>): Link
  observe(hook: string, observer: Observer, options?: ObserveOptions): Link {
    return this.#dispatch.observe(hook, observer, options)
  }

  /** Puts a function in front of all LSMs: what it returns is the answer unless it is 0. */
  modifyReturn<N extends keyof HookMapOf<P>>(hook: N, program: HookMapOf<P>[N]): Link {
    return this.#dispatch.modifyReturn(hook as string, program as HookFn)
  }

  /**
   * Asks modules under other policies beside its own, which decide: `beside.ask('smack', policy)`. `wouldDeny` is
   * called with each call that the stack has allowed and one of them would refuse. It lasts until `beside.end()`.
   */
  beside(wouldDeny: (record: WouldDenyRecord) => void): Beside {
    return this.#beside(quietHost(this.#bound), wouldDeny)
  }

  /**
   * Enforces modules under other policies in front of its own: what either of the two refuses is refused. Only the
   * hooks that give a verdict are asked, and the state of one changes nothing of the other.
   */
  inFront(): Beside {
    return this.#beside(this.#bound, null)
  }

  #beside(host: Host, wouldDeny: ((record: WouldDenyRecord) => void) | null): Beside {
    return new Beside({
      stack: this, hooks: this.#table.hooks, recorder: this.#recorder,
      lsmNamed: (name) => this.#placed.find(({ lsm }) => lsm.name === name)?.lsm,
      hooksOf: (lsm) => moduleHooks(lsm.hooks(this.#context(lsm, host)), lsm, this.#table.hooks),
      observe: (hook, observer, options) => this.#dispatch.observe(hook, observer, options),
      inFront: (hook, lsm, fn) => this.#dispatch.putInFront(hook, lsm, fn),
    }, wouldDeny)
  }

  /**
   * Calls `release` with each object behind everything else that a free hook does: whatever kept something of it beside
   * it lets go. The hook costs nothing more until then. There is one a hook; it stays.
   */
  whenFreed<N extends FreeHook>(hook: N, release: (object: Parameters<HookMap[N]>[0]) => void): void {
    this.#dispatch.whenFreed(hook, release as HookFn)
  }

  /** lsm_list_modules(2): how many, or -errno; see `lsm_list_modules`. */
  listModules(ids: Uint8Array | null, size: Ref<number | null> | null, flags = 0): number {
    return lsm_list_modules(this.ids, ids, size, flags)
  }

  #place(lsm: Lsm): Placed {
    const context = this.#context(lsm)
    try {
      const group = moduleHooks(lsm.hooks(context), lsm, this.#table.hooks)
      refuseOtherHooks(lsm.name, group, this.#table.hooks)
      return { lsm, context, group }
    } catch (cause) {
      if (cause instanceof LsmkitError) throw cause
      throw new ComposeError('hooks-threw', `the hooks of \`${lsm.name}\` could not be made`, { place: 'lsms', cause })
    }
  }

  /** The table in the form that ABI 1.0 knows; undefined until it is built. */
  #moduleTable(): (LsmTable & OwnKeyMap) | undefined {
    return this.#forModules ??= moduleTable(this.lsm as AnyKeyMap | undefined) as LsmTable & OwnKeyMap
  }

  #context(lsm: Lsm, host: Host = this.#bound): LsmContext {
    let late: (LsmTable & OwnKeyMap) | null = null
    const makeLate = () => {
      const hooks = new Set([...hookNames, ...Object.keys(this.#table.hooks)])
      return lateTable(lsm.name, [...hooks], () => this.#moduleTable())
    }
    const table = () => this.#moduleTable() ?? (late ??= makeLate())
    const { current, profile, bootParameters, objects } = this
    return new BoundContext(
      { current, profile, lsmid: lsm.id, bootParameters, audit: this.#recorder.voice(lsm.name), objects, host },
      table,
    )
  }
}

/** Those of the kernel that will live behind the host. */
const cgroupsOf = (host: Host): CgroupMap => ({
  ofTask: (task) => host.services?.cgroups?.ofTask(task) ?? null,
  ofSock: (sock) => host.services?.cgroups?.ofSock(sock) ?? null,
})

/** What `init` came to; 0 for an LSM without one. */
const start = (lsm: Lsm, context: LsmContext): number => {
  try {
    return lsm.init?.(context) ?? 0
  } catch (cause) {
    if (cause instanceof LsmkitError) throw cause
    throw new ComposeError('init-threw', `\`init\` of \`${lsm.name}\` threw`, { place: 'lsms', cause })
  }
}
