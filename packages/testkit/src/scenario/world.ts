/** The machine of a scenario: booted, with its objects made, its identities born and its texts written. */
import {
  _LINUX_CAPABILITY_VERSION_3, AT_FDCWD, AT_SYMLINK_NOFOLLOW, CAP_LAST_CAP, capHas, capSetOf, errnoName, O_CREAT,
  O_EXCL, O_TRUNC, O_WRONLY, packUserCap, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, PR_CAPBSET_DROP,
  PR_SET_DUMPABLE, PR_SET_KEEPCAPS, S_IFIFO, ownValue,
} from '@lsmkit/abi'
import { ComposeError, createStack, didYouMean, landlockEngineOf, OptionError } from '@lsmkit/core'
import type { Lsm, OwnHookDefs, Stack, Task } from '@lsmkit/core'
import { aBoolean } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { BootError, bootKernel, hostFormat } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { must, ScenarioError, SetupRefused } from './errors.ts'
import { hasFileLabel, hasTaskLabel, labelParts, setFileLabel, setTaskLabels } from './labels.ts'
import type { IdentitySpec, ObjectSpec, Scenario } from './scenario.ts'

/** An LSM that has more to do when its kernel is up: BPF programs to load. */
export interface StartedLsm {
  readonly lsm: Lsm
  /** Called when the scenario is set up, before its first step. An error that it throws is thrown to the caller. */
  readonly start: (stack: Stack) => void
}

/** Makes LSMs by name; each call gives a fresh instance. */
export type LsmFactories = Readonly<Record<string, (options: never) => Lsm | StartedLsm>>

export interface ScenarioWorld {
  readonly stack: Stack
  readonly kernel: Kernel
  /** By identity; `init` is process 1. Programs that exec keep their name. */
  readonly tasks: Map<string, Task>
  /** Errors of system calls: bugs of the kernel or of an LSM. */
  readonly panics: string[]
  /** Settings that were left out because the LSM that they belong to is not there. */
  readonly absent: string[]
}

export interface WorldOptions {
  /** Labels and texts that no LSM of this stack takes are left out and listed, and are not errors. */
  readonly lenient?: boolean
}

export const worldRules: OptionRules<WorldOptions> = { lenient: aBoolean }

/** What a file marked `program` starts with: it executes, and its deeds are the steps that follow. */
const PROGRAM_MAGIC = new TextEncoder().encode('\x7flsmkit-scenario-program')
const encoder = new TextEncoder()

/** Makes a part of the world; what is wrong with it stands at `place`, with the LSM that refused. */
const partAt = (stack: Stack, place: string, make: () => void): void => {
  const before = stack.denial
  try {
    make()
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    const { denial } = stack
    const isRefused = error instanceof SetupRefused && denial !== null && denial !== before && denial.rc === error.rc
    const by = isRefused ? `, refused by ${denial.lsm} (${denial.hook})` : ''
    const hint = isRefused ? lastReason(stack) : error.hint
    throw new ScenarioError(error.code, `${error.summary}${by}`, { place, hint })
  }
}

/** A kernel whose start an LSM refuses: process 1 needs rules too. */
const bootedAt = (stack: Stack, place: string, boot: () => Kernel): Kernel => {
  let kernel: Kernel | undefined
  partAt(stack, place, () => {
    try {
      kernel = boot()
    } catch (error) {
      throw error instanceof BootError ? new SetupRefused(error.rc, error.message) : error
    }
  })
  return kernel!
}

/** Why the last call was refused, and of what: `no rule allows it: scontext=… tcontext=… tclass=… permissions=…`. */
const lastReason = ({ audit }: Stack): string | null => {
  const last = audit.records.findLast(({ kind }) => kind === 'denial')
  if (last?.kind !== 'denial') return null
  const details = Object.entries(last.details ?? {}).map(([name, value]) => `${name}=${String(value)}`).join(' ')
  return [last.reason ?? '', details].filter((part) => part !== '').join(': ') || null
}

/** An option of the scenario's that an LSM does not take is the scenario's mistake. */
const madeAt = (place: string, make: () => Lsm | StartedLsm): StartedLsm => {
  try {
    const made = make()
    return 'lsm' in made ? made : { lsm: made, start: () => {} }
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    const { code, message, hint } = error
    throw new ScenarioError(code === 'unknown-option' ? 'unknown-field' : 'bad-field', message, { place, hint })
  }
}

const stackAt = (place: string, make: () => Stack): Stack => {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error
    throw new ScenarioError('setup', error.summary, { place, hint: error.hint })
  }
}

/** Without boot arguments every LSM that is named must be there: what it says of one that is not would be hollow. */
const stackOf = (
  { lsms, permissive, options, cmdline, kernel, place }: Scenario, factories: LsmFactories,
): { readonly stack: Stack; readonly records: readonly Lsm[]; readonly start: () => void } => {
  const made = lsms.map((name) => {
    const make = Object.hasOwn(factories, name) ? factories[name] : undefined
    if (make !== undefined) return madeAt(place, () => make((ownValue(options, name) ?? {}) as never))
    const known = Object.keys(factories)
    const hint = didYouMean(name, known) ?? `known: ${known.join(', ')}`
    throw new ScenarioError('unknown-lsm', `there is no LSM \`${name}\``, { place, hint })
  })
  const records = made.map(({ lsm }) => lsm)
  const without = lsms.includes('capability') ? {} : { capability: 'none' as const }
  const ownHooks = Object.assign({}, ...records.map((lsm) => lsm.ownHooks)) as OwnHookDefs
  const boot = { ...(cmdline === null ? {} : { cmdline }), ...(kernel === null ? {} : { profile: kernel }) }
  const stack = stackAt(place, () => createStack({ lsms: records, permissive, ownHooks, ...boot, ...without }))
  const out = cmdline === null ? stack.explain().toJSON().lsms.find(({ enabled }) => !enabled) : undefined
  if (out !== undefined) {
    const hint = `${out.why}; \`cmdline: security=${out.name}\` chooses one`
    throw new ScenarioError('setup', `\`${out.name}\` is not in the stack`, { place, hint })
  }
  return { stack, records, start: () => made.forEach(({ start }) => start(stack)) }
}

/** Throws ScenarioError (`setup`, `unknown-lsm`) when the machine cannot be made as the scenario says. */
export const worldOf = (
  scenario: Scenario, factories: LsmFactories, { lenient = false }: WorldOptions = {},
): ScenarioWorld => {
  const panics: string[] = []
  const absent: string[] = []
  /** `what` belongs to an LSM: whether there is one can be seen from what the kernel answers. */
  const ofLsm = (what: string, isThere: () => boolean, set: () => void): void => {
    if (lenient && !isThere()) absent.push(what)
    else set()
  }
  const { stack, records, start } = stackOf(scenario, factories)
  const landlock = landlockEngineOf(records)
  const kernel = bootedAt(stack, scenario.place, () => bootKernel({
    stack,
    ...(landlock === null ? {} : { landlock }),
    sysctl: scenario.sysctl,
    onPanic: (call, error) => panics.push(`${call}: ${String(error)}`),
  }))
  const isProgram = (bytes: Uint8Array): boolean => PROGRAM_MAGIC.every((byte, i) => bytes[i] === byte)
  kernel.machine.exec.registerBinfmt(hostFormat(kernel.machine, 'scenario', isProgram, () => 0))
  const tasks = new Map([['init', kernel.init]])
  // Who sets up makes what it is told, whatever its umask.
  kernel.sys.umask(kernel.init, 0)
  const makeWhole = (object: ObjectSpec): void => {
    const { path, label, xattrs } = object
    makeObject(kernel, object)
    if (label !== null) {
      for (const [lsm, text] of labelParts(kernel, label)) {
        ofLsm(`label of ${path}`, () => lsm !== null || hasFileLabel(kernel, path),
          () => setFileLabel(kernel, path, lsm, text))
      }
    }
    for (const [name, text] of Object.entries(xattrs)) {
      must(kernel.sys.lsetxattr(kernel.init, path, name, encoder.encode(text), 0), `${name} of ${path}`)
    }
  }
  for (const object of scenario.objects) partAt(stack, object.place, () => makeWhole(object))
  kernel.sys.umask(kernel.init, 0o022)
  const bear = (identity: IdentitySpec): void => {
    const { name, label } = identity
    const task = kernel.machine.tasks.find(must(kernel.sys.fork(kernel.init), 'fork'))!
    const give = (): void => become(kernel, task, identity)
    const parts = label === null ? [] : labelParts(kernel, label)
    const isLabelled = !lenient || hasTaskLabel(kernel)
    if (label !== null && !isLabelled) absent.push(`label of ${name}`)
    setTaskLabels(kernel, task, isLabelled ? parts : [], give)
    tasks.set(name, task)
  }
  for (const identity of scenario.identities) partAt(stack, identity.place, () => bear(identity))
  for (const { path, text, place } of scenario.write) {
    partAt(stack, place, () =>
      ofLsm(path, () => kernel.sys.access(kernel.init, path, 0) === 0, () => writeText(kernel, path, text)))
  }
  stack.current.task = kernel.init
  start()
  stack.audit.clear()
  return { stack, kernel, tasks, panics, absent }
}

const MODES: Readonly<Record<ObjectSpec['kind'], number>> =
  { dir: 0o755, file: 0o644, program: 0o755, symlink: 0o777, link: 0, fifo: 0o644, mount: 0o755 }

const makeObject = (kernel: Kernel, object: ObjectSpec): void => {
  const { sys, init } = kernel
  const { path, kind, value, uid, gid } = object
  const mode = object.mode ?? MODES[kind]
  switch (kind) {
    case 'dir':
    case 'mount': {
      const rc = sys.mkdirat(init, AT_FDCWD, path, mode)
      if (errnoName(rc) !== 'EEXIST') must(rc, path)
      if (kind === 'mount') must(sys.mount(init, value || 'none', path, value, 0, null), `mount ${path}`)
      break
    }
    case 'file':
    case 'program': {
      const contents = kind === 'file' ? encoder.encode(value) : PROGRAM_MAGIC
      writeBytes(kernel, path, contents, O_WRONLY | O_CREAT | O_EXCL | O_TRUNC)
      break
    }
    case 'symlink':
      must(sys.symlinkat(init, value, AT_FDCWD, path), path)
      break
    case 'link':
      must(sys.linkat(init, AT_FDCWD, value, AT_FDCWD, path, 0), path)
      break
    case 'fifo':
      must(sys.mknodat(init, AT_FDCWD, path, S_IFIFO | mode, 0), path)
  }
  if (kind === 'link') return
  if (uid !== null || gid !== null) {
    must(sys.fchownat(init, AT_FDCWD, path, uid ?? -1, gid ?? -1, AT_SYMLINK_NOFOLLOW), `owner of ${path}`)
  }
  if (kind !== 'symlink') must(sys.fchmodat(init, AT_FDCWD, path, mode), `mode of ${path}`)
}

const writeBytes = ({ sys, init }: Kernel, path: string, bytes: Uint8Array, flags: number): void => {
  const fd = must(sys.openat(init, AT_FDCWD, path, flags, 0o600), path)
  for (let at = 0; at < bytes.length;) at += must(sys.write(init, fd, bytes.subarray(at)), path)
  must(sys.close(init, fd), path)
}

/** In one write, as files that take messages want it. */
const writeText = ({ sys, init }: Kernel, path: string, text: string): void => {
  const fd = must(sys.openat(init, AT_FDCWD, path, O_WRONLY, 0), path)
  must(sys.write(init, fd, encoder.encode(text)), path)
  must(sys.close(init, fd), path)
}

/** Takes on ids and capabilities. */
const become = ({ sys }: Kernel, task: Task, { name, uid, gid, groups, caps }: IdentitySpec): void => {
  const step = (rc: number, what: string): number => must(rc, `${name}: ${what}`)
  const kept = caps === null ? null : capSetOf(...caps)
  // These prctls are the capability module's: without it there is nothing to keep or to bound.
  const bounds = sys.prctl(task, PR_SET_KEEPCAPS, 1, 0, 0, 0) === 0
  if (kept !== null && bounds) {
    for (let cap = 0; cap <= CAP_LAST_CAP; cap++) {
      if (!capHas(kept, cap)) step(sys.prctl(task, PR_CAPBSET_DROP, cap, 0, 0, 0), 'prctl(PR_CAPBSET_DROP)')
    }
  }
  step(sys.setgroups(task, groups.length, [...groups]), 'setgroups')
  step(sys.setresgid(task, gid, gid, gid), 'setresgid')
  step(sys.setresuid(task, uid, uid, uid), 'setresuid')
  if (kept !== null || uid !== 0) {
    const set = kept ?? capSetOf()
    const data = packUserCap({ effective: set, permitted: set, inheritable: set }, 2)
    step(sys.capset(task, { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 }, data), 'capset')
    if (uid !== 0 && bounds) {
      for (const cap of caps ?? []) {
        step(sys.prctl(task, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0), 'prctl(PR_CAP_AMBIENT_RAISE)')
      }
    }
  }
  // As after a login: changing ids has made it undumpable.
  step(sys.prctl(task, PR_SET_DUMPABLE, 1, 0, 0, 0), 'prctl(PR_SET_DUMPABLE)')
}
