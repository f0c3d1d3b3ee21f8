/** An object on a stack: its maps, its programs, and the links that hold programs on hooks. */
import * as abi from '@lsmkit/abi'
import type { BpfMap as LsmMap, BpfProg, Cgroup, HookName, Link, Stack } from '@lsmkit/core'
import { aBoolean, anObject, checkOptions, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { shownGroup } from '../kobject/group-members.ts'
import type { BpfMap } from '../maps/bpf-map.ts'
import type { Pins } from '../maps/create-map.ts'
import { createMap } from '../maps/create-map.ts'
import { MapHandle } from '../maps/map-handle.ts'
import type { MapWorld } from '../maps/map-handle.ts'
import type { ProgramTraits } from '../maps/traits.ts'
import type { ProgramSpec } from '../object/bpf-object.ts'
import { targetHint } from '../object/needs.ts'
import { ONE_KIND } from '../run/program-builder.ts'
import type { OpenedObject, RefusedSlot } from '../run/program-builder.ts'
import type { ContextWord } from '../vm/executable.ts'
import type { Runnable } from '../vm/machine.ts'
import type { LoadReport } from '../vm/object-space.ts'
import type { BpfCore } from './bpf-core.ts'
import { contextWordsOf, hookFunction } from './hook-context.ts'
import { iterate, iterateRules } from './iterate.ts'
import type { IterateOptions } from './iterate.ts'
import { BpfLoadError } from './load-error.ts'
import { contentsOf, contentsRules } from './map-contents.ts'
import type { ContentsOptions, MapContents } from './map-contents.ts'
import { kindOfTarget, placeOf } from './places.ts'
import type { AnyHook, Place } from './places.ts'
import { verifyProgram } from './verify-program.ts'
import { wantsRegisters } from './wants-registers.ts'
import type { Verification } from './verify-program.ts'

export interface AttachTo {
  /** For programs of `lsm_cgroup/`: the group whose calls they decide. */
  readonly cgroup?: Cgroup
  /** How it stands to programs of other groups, as core's CgroupAttachOptions say. */
  readonly yields?: boolean
  readonly preorder?: boolean
  /** The answer of bpf_get_attach_cookie. */
  readonly cookie?: number
}

const attachRules: OptionRules<AttachTo> = {
  cgroup: anObject, yields: aBoolean, preorder: aBoolean, cookie: wholeNumber(0),
}

/** A link that holds a program on a hook; the program may be replaced while it stays. */
export interface BpfLink extends Link {
  readonly program: string
  /** Puts another program of the same hook in its place. */
  replace(program: LoadedProgram): void
}

/** The maps that an object has to give back. */
export interface OpenedMaps {
  readonly opened: OpenedObject
  /** Maps made for it; the others were pinned before. */
  readonly made: readonly BpfMap[]
  readonly pins: Pins
}

/** An object whose maps and programs are there: programs are attached to hooks, one by one or as their sections say. */
export class LoadedObject {
  readonly maps: ReadonlyMap<string, MapHandle>
  readonly programs = new Map<string, LoadedProgram>()
  readonly #core: BpfCore
  readonly #stack: Stack
  readonly #opened: OpenedObject
  readonly #made: readonly BpfMap[]
  readonly #pins: Pins
  /**
   * Maps that LSMs were asked about, and whose end is reported to them; as in the kernel, also to an LSM that refused
   * the map.
   */
  readonly #shownMaps = new Map<BpfMap, LsmMap>()
  readonly #shownPrograms: BpfProg[] = []
  /** Maps that were made to be put into others. */
  readonly #inner: BpfMap[] = []
  #isGone = false

  constructor(core: BpfCore, stack: Stack, { opened, made, pins }: OpenedMaps) {
    this.#core = core
    this.#stack = stack
    this.#opened = opened
    this.#made = made
    this.#pins = pins
    const { memory } = core.programBuilder.machine
    const types = opened.object.btf
    const world: MapWorld = {
      addressOf: (map, owner, isMet) => core.ownerAddress(stack, map.type, owner, isMet),
      ownerAt: (address) => core.objects.objectAt(address),
      make: (template) => {
        const inner = createMap(template, { space: core.programBuilder.maps, types })
        this.#inner.push(inner)
        return inner
      },
    }
    this.maps = new Map(opened.maps.map((map) => [map.spec.symbol, new MapHandle(map, types, memory, world)]))
  }

  /** Verifies and compiles; all or none. */
  loadPrograms(specs: readonly ProgramSpec[], logLevel: number): void {
    try {
      this.#askForMaps()
      const verified = specs.map((spec) => [spec, this.#verify(spec, logLevel)] as const)
      for (const [spec, verification] of verified) {
        const program = loadedProgram(this.#core, this.#stack, this.#opened, spec, verification)
        this.programs.set(spec.name, program)
      }
      const [refused] = this.#opened.fillSlots((name) => this.programs.get(name) ?? null)
      if (refused !== undefined) throw slotError(refused)
    } catch (error) {
      for (const map of this.#made) this.#pins.delete(map.spec.symbol)
      this.unload()
      throw error
    }
  }

  /**
   * Takes its programs off their hooks and frees them, then its maps; pinned ones stay. Nothing of it may be used
   * any more, and no program of it may be running. A second time does nothing.
   */
  unload(): void {
    this.#isGone = true
    const { lsm } = this.#stack
    for (const program of this.programs.values()) program.free()
    this.programs.clear()
    for (const prog of this.#shownPrograms.splice(0)) lsm.bpf_prog_free.tell(prog)
    for (const handle of this.maps.values()) handle.close()
    for (const [map, shown] of this.#shownMaps) if (!this.#isPinned(map)) lsm.bpf_map_free.tell(shown)
    this.#shownMaps.clear()
    for (const map of [...this.#made, ...this.#inner.splice(0)]) if (!this.#isPinned(map)) map.free()
  }

  /** Keys and values of its maps as text, for people; nothing is consumed. */
  contents(options: ContentsOptions = {}): readonly MapContents[] {
    checkOptions(options, contentsRules, 'contents')
    return contentsOf(this.#core, this.maps.values(), this.programs.values(), options)
  }

  #isPinned(map: BpfMap): boolean {
    return this.#pins.get(map.spec.symbol) === map
  }

  /** Attaches every program that names where, in the order of the file. */
  attachAll(to: AttachTo = {}): BpfLink[] {
    checkOptions(to, attachRules, 'attachAll')
    if (this.#isGone) throw unloaded(this.#opened.object.name)
    return [...this.programs.values()].map((program) => program.attach(to))
  }

  program(name: string): LoadedProgram {
    const program = this.programs.get(name)
    if (program !== undefined) return program
    if (this.#isGone) throw unloaded(name)
    throw new BpfLoadError('no-target', name, -abi.ENOENT, 'no program of that name is loaded')
  }

  /** As BPF_MAP_CREATE: the command's hook, then the map's own; there are no tokens. */
  #askForMaps(): void {
    const { lsm } = this.#stack
    for (const map of this.#made) {
      const shown: LsmMap = {
        id: map.id, map_type: map.type, key_size: map.keySize, value_size: map.valueSize, max_entries: map.maxEntries,
        map_flags: map.flags, name: map.name, security: null,
      }
      let rc = lsm.bpf.ask(abi.BPF_MAP_CREATE, {}, 0, false)
      if (rc === 0) {
        this.#shownMaps.set(map, shown)
        rc = lsm.bpf_map_create.ask(shown, {}, null, false)
      }
      if (rc !== 0) throw new BpfLoadError('not-permitted', map.name, rc, 'an LSM refuses the map')
    }
  }

  #verify(spec: ProgramSpec, logLevel: number): Verification {
    if (hangsOnName.has(spec.type) && spec.attachBtfId === 0 && spec.attachTo !== null) {
      const name = `${kindOfTarget(spec)} \`${spec.attachTo}\``
      const message = `the kernel's types have no ${name} that it could be attached to`
      const hint = targetHint(spec, this.#opened.kernelBtf)
      throw new BpfLoadError('no-target', spec.name, -abi.EINVAL, hint === null ? message : `${message}: ${hint}`)
    }
    for (const what of this.#opened.missing(spec).values()) {
      throw new BpfLoadError('unsupported', spec.name, -abi.EINVAL, `${what} does not run on this kernel`)
    }
    const lsm = this.#stack.lsm
    const prog = {
      id: 0, type: spec.type, expected_attach_type: spec.expectedAttachType, sleepable: spec.sleepable, name: spec.name,
      security: null,
    }
    this.#shownPrograms.push(prog)
    const rc = lsm.bpf_prog_load.ask(prog, {}, null, false)
    if (rc !== 0) throw new BpfLoadError('not-permitted', spec.name, rc, 'an LSM refuses the program')
    return verifyProgram(this.#opened, spec, logLevel)
  }
}

/** Types of programs that name what they hang on by its type. */
const hangsOnName: ReadonlySet<number> = new Set([abi.BPF_PROG_TYPE_TRACING, abi.BPF_PROG_TYPE_LSM])

const unloaded = (name: string): BpfLoadError => new BpfLoadError('no-target', name, -abi.ENOENT, 'it was unloaded')

/** Compiles a program that the verifier has accepted. */
export const loadedProgram = (
  core: BpfCore, stack: Stack, opened: OpenedObject, spec: ProgramSpec, verification: Verification,
): LoadedProgram => loadedPrograms(core, stack, opened, [{ spec, verification }])[0]!

/** A program and the facts of the verifier, which has accepted it. */
export interface VerifiedProgram {
  readonly spec: ProgramSpec
  readonly verification: Verification
}

/** Compiles programs together. */
export const loadedPrograms = (
  core: BpfCore, stack: Stack, opened: OpenedObject, verified: readonly VerifiedProgram[],
): readonly LoadedProgram[] => {
  const runnables = opened.loadTogether(verified.map(({ spec, verification }) => {
    const { size, given } = contextOf(spec, stack.hooks)
    return { program: spec, contextSize: size, verified: verification, given }
  }))
  const traits = verified.map(({ spec }) => opened.traits(spec))
  for (const [at, { spec }] of verified.entries()) {
    const map = opened.refusingMap(spec, traits[at]!)
    if (map === null) continue
    for (const runnable of runnables) core.programBuilder.machine.unload(runnable)
    throw ownerError(spec, map, traits[at]!)
  }
  return verified.map((one, at) => {
    const runnable = runnables[at]!
    if (runnable.meetsObjects) core.follow(stack)
    return new LoadedProgram(core, stack, one, runnable, traits[at]!)
  })
}

/** In libbpf's words. */
const slotError = ({ map, index, program, errno, reason }: RefusedSlot): BpfLoadError =>
  new BpfLoadError('other-owner', program, errno,
    `map '${map}': failed to initialize slot [${index}] to prog '${program}': ${errno}; ${reason}`)

const ownerError = (spec: ProgramSpec, map: BpfMap, { overridesReturn }: ProgramTraits): BpfLoadError =>
  new BpfLoadError('other-owner', spec.name, -abi.EINVAL, overridesReturn
    ? `it calls bpf_override_return, so it may not use the map \`${map.spec.symbol}\``
    : `the map \`${map.spec.symbol}\` belongs to programs of another kind; ${ONE_KIND}`)

/** The arguments of the place, and behind them a word for the result, which only fexit programs are given. */
const contextOf = (
  spec: ProgramSpec, hooks: Stack['hooks'],
): { readonly size: number; readonly given: readonly ContextWord[] } => {
  const place = placeOf(spec, hooks)
  if (place === null) return { size: 0, given: [] }
  const { expectedAttachType, type } = spec
  const given = contextWordsOf(place.params,
    type === abi.BPF_PROG_TYPE_TRACING && expectedAttachType === abi.BPF_TRACE_FEXIT)
  return { size: (argumentCount(place.params) + 1) * 8, given }
}

const argumentCount = (params: string): number => (params === '' ? 0 : params.split(',').length)

/** A verified program of an object: attached to a hook with `attach`, once or several times. */
export class LoadedProgram {
  readonly spec: ProgramSpec
  readonly runnable: Runnable
  readonly traits: ProgramTraits
  readonly verification: Verification
  readonly #core: BpfCore
  readonly #stack: Stack
  /** More than one only on groups. */
  #links: readonly BpfLink[] = []
  #isGone = false

  constructor(
    core: BpfCore, stack: Stack, { spec, verification }: VerifiedProgram, runnable: Runnable, traits: ProgramTraits,
  ) {
    this.#core = core
    this.#stack = stack
    this.spec = spec
    this.runnable = runnable
    this.traits = traits
    this.verification = verification
    core.roster.add(this, spec)
  }

  get name(): string {
    return this.spec.name
  }

  /** Its loads of members of kernel objects, and in which form each is done. */
  get loads(): readonly LoadReport[] {
    return this.runnable.loads
  }

  /** Puts it where its section says. Throws BpfLoadError, or core's AttachError with the number bpf(2) returns. */
  attach(to: AttachTo = {}): BpfLink {
    checkOptions(to, attachRules, 'attach')
    if (this.#isGone) throw unloaded(this.name)
    const isOfGroup = this.spec.expectedAttachType === abi.BPF_LSM_CGROUP
    if (!isOfGroup && this.#links.some(({ attached }) => attached)) {
      throw new BpfLoadError('not-attached', this.name, -abi.EBUSY, 'it is attached')
    }
    const place = placeOf(this.spec, this.#stack.hooks)
    if (place === null) throw new BpfLoadError('no-target', this.name, -abi.EINVAL, notHere(this.spec))
    const ended = wantsRegisters(this.spec.code, this.#core.kernelBtf) ? this.#stack.tracing.noteRegisters() : null
    const links = new Links(this, nameOf(place), this.#goTo(place, to), (program) => program.#goTo(place, to), ended)
    this.#links = [...this.#links.filter(({ attached }) => attached), links]
    this.#core.roster.link(links, this, this.spec)
    return links
  }

  /** The program as a function of its hook's arguments, for who calls it without a stack. */
  bound(): { readonly hook: AnyHook; readonly run: (...args: unknown[]) => number } {
    const place = placeOf(this.spec, this.#stack.hooks)
    const hook = place?.kind === 'hook' ? place.hook : null
    const { expectedAttachType: type } = this.spec
    if (hook === null || (type !== abi.BPF_LSM_MAC && type !== abi.BPF_MODIFY_RETURN)) {
      const message = `programs of section \`${this.spec.section}\` are bound to no call site`
      throw new BpfLoadError('no-target', this.name, -abi.EINVAL, message)
    }
    const onStop = (error: unknown): number => this.#core.stopped(this.name, hook, error)
    return { hook, run: hookFunction(this.#core.objects, this.runnable, place!.params, onStop) }
  }

  /**
   * Runs a program of `iter/` over what it is for, and gives what it has written: bytes, which are mostly text. Throws
   * BpfLoadError `not-attached` where the program breaks off.
   */
  iterate(options: IterateOptions = {}): Uint8Array {
    checkOptions(options, iterateRules, 'iterate')
    if (this.#isGone) throw unloaded(this.name)
    const place = placeOf(this.spec, this.#stack.hooks)
    if (place?.kind !== 'iterator') {
      const message = `section \`${this.spec.section}\` is for no iterator that runs here`
      throw new BpfLoadError('no-target', this.name, -abi.EINVAL, message)
    }
    const core = this.#core
    const onStop = (error: unknown): number => (core.stopped(this.name, place.name, error), 1)
    const run = hookFunction(core.objects, this.runnable, place.params, onStop)
    const written = iterate(place.name, run, core.iterated, options)
    if (typeof written !== 'number') return written
    throw new BpfLoadError('not-attached', this.name, written, 'the program has broken off')
  }

  /** Takes it off its hook and gives its place on the machine back. */
  free(): void {
    this.#isGone = true
    for (const link of this.#links) link.detach()
    this.#core.roster.remove(this)
    this.#core.programBuilder.machine.unload(this.runnable)
  }

  #goTo(place: Place, to: AttachTo): Link {
    if (place.kind === 'hook') return this.#place(place.hook, to)
    const core = this.#core
    const name = nameOf(place)
    const isExit = this.spec.expectedAttachType === abi.BPF_TRACE_FEXIT
    const ret = place.kind === 'function' && isExit ? place.ret : null
    const run = withCookie(core, to.cookie ?? 0, hookFunction(core.objects, this.runnable, place.params,
      (error) => core.stopped(this.name, name, error), ret))
    const { tracing } = this.#stack
    switch (place.kind) {
      case 'tracepoint': return linkOf(name, tracing.trace(place.name, withGroups(place.params, run)))
      case 'function': return linkOf(name, tracing.traceFunction(place.name, isExit ? { exit: run } : { entry: run }))
      case 'syscall': switch (this.spec.expectedAttachType) {
        case abi.BPF_TRACE_FENTRY: return linkOf(name, tracing.traceCall(place.name, { entry: run }))
        case abi.BPF_TRACE_FEXIT: return linkOf(name, tracing.traceCall(place.name, { exit: run }))
      }
    }
    // programs of iterators run when somebody reads them
    return linkOf(name, () => {})
  }

  #place(hook: AnyHook, { cgroup, yields = false, preorder = false, cookie = 0 }: AttachTo): Link {
    const { spec } = this
    const core = this.#core
    const stack = this.#stack
    const { params } = stack.hooks[hook]!
    const onStop = (error: unknown): number => core.stopped(spec.name, hook, error)
    const isBpfLsm = spec.attachTo!.startsWith('bpf_lsm_')
    switch (spec.expectedAttachType) {
      case abi.BPF_LSM_MAC: {
        const run = withCookie(core, cookie, hookFunction(core.objects, this.runnable, params, onStop))
        return stack.attach(hook, run as never, { sleepable: spec.sleepable })
      }
      case abi.BPF_LSM_CGROUP: {
        if (cgroup === undefined) throw new BpfLoadError('no-target', this.name, -abi.EBADF, 'it needs a control group')
        const allowOnStop = (error: unknown): number => (onStop(error) === 0 ? 1 : 0)
        const run = hookFunction(core.objects, this.runnable, params, allowOnStop)
        return stack.attach(hook as HookName, groupFunction(core, run, cgroup) as never, { cgroup, yields, preorder })
      }
      case abi.BPF_TRACE_FENTRY: {
        const entry = hookFunction(core.objects, this.runnable, params, onStop)
        return stack.observe(hook, { entry: entry as never }, { at: isBpfLsm ? 'bpf_lsm' : 'security' })
      }
      case abi.BPF_TRACE_FEXIT: {
        const exit = hookFunction(core.objects, this.runnable, params, onStop)
        return stack.observe(hook, { exit: exit as never }, { at: isBpfLsm ? 'bpf_lsm' : 'security' })
      }
      case abi.BPF_MODIFY_RETURN:
        return stack.modifyReturn(hook, hookFunction(core.objects, this.runnable, params, onStop) as never)
      default:
        throw new BpfLoadError('no-target', this.name, -abi.EINVAL, `section \`${spec.section}\` is for no hook`)
    }
  }
}

/** What a link is on, for people. */
const nameOf = (place: Place): string =>
  place.kind === 'hook' ? place.hook : place.kind === 'syscall' ? `__x64_sys_${place.name}` : place.name

/** Why a program that has been verified goes nowhere. */
const notHere = ({ attachTo, section, ...spec }: ProgramSpec): string =>
  attachTo === null ? `nothing here runs programs of section \`${section}\``
    : `there is no ${kindOfTarget({ ...spec, attachTo })} \`${attachTo}\` to attach to`

const linkOf = (hook: string, off: () => void): Link => {
  let attached = true
  return {
    hook,
    get attached() {
      return attached
    },
    detach() {
      attached = false
      off()
    },
  }
}

/** Control groups of the kernel become what programs know them by. */
const withGroups = (params: string, run: Run): Run => {
  const isGroup = params.split(',').map((param) => param.includes('struct cgroup *'))
  if (!isGroup.includes(true)) return run
  return (...args) => run(...args.map((arg, at) => (isGroup[at] ? shownGroup(arg as Cgroup) : arg)))
}

/** A link whose program can be exchanged: the new one is on the hook before the old one is off. */
class Links implements BpfLink {
  readonly hook: string
  #program: LoadedProgram
  #link: Link
  readonly #place: (program: LoadedProgram) => Link
  readonly #ended: (() => void) | null

  /** `ended`: called when it is off. */
  constructor(
    program: LoadedProgram, hook: string, link: Link, place: (program: LoadedProgram) => Link,
    ended: (() => void) | null,
  ) {
    this.hook = hook
    this.#ended = ended
    this.#program = program
    this.#link = link
    this.#place = place
  }

  get attached(): boolean {
    return this.#link.attached
  }

  get program(): string {
    return this.#program.name
  }

  detach(): void {
    this.#link.detach()
    this.#ended?.()
  }

  replace(program: LoadedProgram): void {
    const { spec } = program
    const old = this.#program.spec
    if (!this.attached || spec.attachTo !== old.attachTo || spec.expectedAttachType !== old.expectedAttachType) {
      throw new BpfLoadError('not-attached', program.name, -abi.EINVAL, `it cannot stand in for \`${old.name}\``)
    }
    const next = this.#place(program)
    this.#link.detach()
    this.#link = next
    this.#program = program
  }
}

type Run = (...args: unknown[]) => number

/** The usual program has no cookie, and nothing stands before it. */
const withCookie = (core: BpfCore, cookie: number, run: Run): Run =>
  cookie === 0
    ? run
    : (...args) => {
      const outer = core.cookie
      core.cookie = cookie
      try {
        return run(...args)
      } finally {
        core.cookie = outer
      }
    }

/** The last argument is what bpf_get_retval and bpf_set_retval act on. */
const groupFunction = (core: BpfCore, run: Run, cgroup: Cgroup): Run => {
  const attached = { group: core.groupId(cgroup), type: abi.BPF_LSM_CGROUP }
  return (...args) => {
    const { retval, attached: outer } = core
    core.retval = args.at(-1) as { value: number }
    core.attached = attached
    try {
      return run(...args.slice(0, -1))
    } finally {
      core.retval = retval
      core.attached = outer
    }
  }
}
