/** `createStack`: orders the LSMs, lays out their blobs, hands each its context, and builds the hook table of them. */
import { LSM_ID_BPF } from '@lsmkit/abi'
import type { AttachOptions, CgroupAttachOptions, CgroupProgram, Link, ObserveOptions, TypedObserver } from './attach.ts'
import { lsm_list_modules } from './attributes.ts'
import { Audit } from './audit/audit.ts'
import { Recorder } from './audit/recorder.ts'
import type { Denial } from './audit/recorder.ts'
import { BoundHost } from './bound-host.ts'
import { bindBlobs, placeBlobs } from './blob.ts'
import type { BlobClaim } from './blob.ts'
import { capabilityCalls } from './capability-calls.ts'
import { checkComposition, checkStackOptions, refuseWithoutCapability } from './compose.ts'
import type { StackOptions } from './compose.ts'
import { Current } from './current.ts'
import { createDispatch } from './dispatch/create-dispatch.ts'
import type { Dispatch } from './dispatch/create-dispatch.ts'
import type { Member, ProgramPlace } from './dispatch/strategy.ts'
import { ComposeError, LsmkitError } from './errors.ts'
import type { HookMap, HookName } from './hooks/hook-defs.ts'
import type { BlobKind, HookFn } from './hooks/hook-types.ts'
import type { Host } from './host.ts'
import { createInitTask } from './init-task.ts'
import type { HookGroup, Lsm } from './define-lsm.ts'
import { currentLabel } from './label.ts'
import type { LsmTable } from './lsm-table.ts'
import type { LsmContext, Profile } from './lsm-context.ts'
import { plainObjects } from './objects/factories.ts'
import type { Objects } from './objects/factories.ts'
import type { Ref } from './objects/ref.ts'
import type { PseudoFs } from './pseudo-fs.ts'
import { securityfs } from './securityfs.ts'
import { orderStack } from './stack-order.ts'
import type { StackOrder } from './stack-order.ts'

export type { StackOptions } from './compose.ts'

/** One enabled LSM in its place: positions count from 0 in the order of initialisation. */
interface Placed {
  readonly lsm: Lsm
  readonly context: LsmContext
  readonly group: HookGroup
}

/** Throws ComposeError for mistakes in the options; what a kernel would only ignore is told by `explain()`. */
export const createStack = (options: StackOptions): Stack => {
  checkStackOptions(options)
  checkComposition(options.lsms)
  return new Stack(options)
}

/** A running composition of LSMs. Made by `createStack`. */
export class Stack {
  /** The hook table: `lsm.file_open.ask(file)`, `lsm.task_free.tell(task)`. Hand it on as a function parameter. */
  readonly lsm: LsmTable
  readonly current: Current
  readonly objects: Objects
  readonly profile: Profile
  readonly audit: Audit
  /** As /sys/kernel/security/lsm names the LSMs and lsm_list_modules(2) numbers them. */
  readonly names: readonly string[]
  readonly ids: readonly number[]
  readonly order: StackOrder
  /** The trees that enabled LSMs declare, behind the framework's own securityfs file. */
  readonly pseudoFs: readonly PseudoFs[]
  private readonly dispatch: Dispatch
  private readonly recorder: Recorder
  private readonly bound = new BoundHost()

  constructor(options: StackOptions) {
    const { lsms, profile = '6.12', objects = plainObjects, onAudit, audit = {} } = options
    this.objects = objects
    this.profile = profile
    this.audit = new Audit(audit)
    if (onAudit) this.audit.addSink(onAudit)
    this.order = orderStack(options)
    const enabled = this.order.initOrder.map((name) => lsms.find((lsm) => lsm.name === name)!)
    const pools = bindBlobs(placeBlobs(claimsOf(enabled)))
    this.current = new Current(createInitTask(objects))
    pools.cred?.alloc(this.current.task.cred)
    pools.task?.alloc(this.current.task)
    this.recorder = new Recorder({
      audit: this.audit,
      current: this.current,
      host: this.bound,
      denials: audit.denials ?? true,
      label: () => currentLabel(this.lsm),
    })
    const placed = enabled.map((lsm) => this.place(lsm))
    if (options.capability !== 'none') refuseWithoutCapability(placed)
    const registered = placed.filter(({ group }) => Object.keys(group).length > 0).map(({ lsm }) => lsm)
    this.names = registered.map(({ name }) => name)
    this.ids = registered.map(({ id }) => id)
    this.dispatch = createDispatch({
      members: membersOf(placed),
      env: {
        current: this.current,
        caps: capabilityCalls(() => this.lsm, this.current, this.bound),
        blobs: pools,
        xattr_count: this.order.blobTotals.xattr_count,
      },
      cold: this.recorder,
      strategy: options.dispatch,
      onFault: options.onFault,
      kernelExact: options.kernelExact,
      programs: programPlace(placed, options.kernelExact ?? false),
    })
    this.lsm = this.dispatch.lsm
    for (const { lsm, context } of placed) start(lsm, context)
    this.pseudoFs = [securityfs(this.names), ...placed.flatMap(({ lsm, context }) => lsm.pseudoFs?.(context) ?? [])]
  }

  /** The last denial; null until there was one. */
  get denial(): Denial | null {
    return this.recorder.denial
  }

  /** What LSMs may call back. A kernel puts itself here when it boots; reading gives what LSMs hold. */
  get host(): Host {
    return this.bound
  }

  set host(host: Host) {
    this.bound.behind = host
  }

  /** Puts a function on a hook by KRSI's rules: the last one first, 0 is no opinion. Throws AttachError. */
  attach<N extends HookName>(hook: N, program: HookMap[N], options?: AttachOptions): Link
  attach<N extends HookName>(hook: N, program: CgroupProgram<N>, options: CgroupAttachOptions): Link
  attach(hook: HookName, program: HookFn, options?: AttachOptions): Link {
    return this.dispatch.attach(hook, program, options)
  }

  /** Watches a hook: its arguments on entry, and what it came to on exit. */
  observe<N extends HookName>(hook: N, observer: TypedObserver<N>, options?: ObserveOptions): Link {
    return this.dispatch.observe(hook, observer, options)
  }

  /** Puts a function in front of all LSMs: what it returns is the answer unless it is 0. */
  modifyReturn<N extends HookName>(hook: N, program: HookMap[N]): Link {
    return this.dispatch.modifyReturn(hook, program)
  }

  /** lsm_list_modules(2): how many, or -errno; see `lsm_list_modules`. */
  listModules(ids: Uint8Array | null, size: Ref<number | null> | null, flags = 0): number {
    return lsm_list_modules(this.ids, ids, size, flags)
  }

  private place(lsm: Lsm): Placed {
    const context = this.context(lsm)
    try {
      return { lsm, context, group: lsm.hooks(context) }
    } catch (cause) {
      if (cause instanceof LsmkitError) throw cause
      throw new ComposeError('hooks-threw', `the hooks of \`${lsm.name}\` could not be made`, { place: 'lsms', cause })
    }
  }

  private context(lsm: Lsm): LsmContext {
    const stack = this
    return {
      get lsm() {
        if (stack.lsm !== undefined) return stack.lsm
        throw new ComposeError('too-early', `\`${lsm.name}\` asks for the hook table before there is one`, {
          place: 'lsms', hint: 'read `ctx.lsm` inside a hook, not where the hooks are made',
        })
      },
      current: this.current,
      profile: this.profile,
      lsmid: lsm.id,
      audit: this.recorder.voice(lsm.name),
      objects: this.objects,
      host: this.bound,
    }
  }
}

/**
 * The place of the LSM `bpf`. In a stack without one programs stand behind the LSMs that are not `last`, where the
 * kernel's own list has it; a kernel without it never calls them, and neither does `kernelExact`.
 */
const programPlace = (placed: readonly Placed[], kernelExact: boolean): ProgramPlace | null => {
  const at = placed.findIndex(({ lsm }) => lsm.id === LSM_ID_BPF)
  if (at < 0 && kernelExact) return null
  const last = placed.findIndex(({ lsm }) => lsm.order === 'last')
  const position = at >= 0 ? at : (last >= 0 ? last : placed.length) - 0.5
  return { lsm: at < 0 ? 'bpf' : placed[at]!.lsm.name, id: LSM_ID_BPF, position }
}

const start = (lsm: Lsm, context: LsmContext): void => {
  try {
    lsm.init?.(context)
  } catch (cause) {
    throw new ComposeError('init-threw', `\`init\` of \`${lsm.name}\` threw`, { place: 'lsms', cause })
  }
}

const claimsOf = (lsms: readonly Lsm[]): BlobClaim[] =>
  lsms.flatMap((lsm) =>
    Object.entries(lsm.blobs).flatMap(([kind, accessor]) =>
      accessor === undefined ? [] : [{ lsm: lsm.name, kind: kind as BlobKind, accessor }],
    ),
  )

const membersOf = (placed: readonly Placed[]): Partial<Record<HookName, Member[]>> => {
  const members: Partial<Record<HookName, Member[]>> = {}
  placed.forEach(({ lsm: { name, id }, group }, position) => {
    for (const [hook, fn] of Object.entries(group)) {
      ;(members[hook as HookName] ??= []).push({ lsm: name, id, position, fn: fn as HookFn })
    }
  })
  return members
}
