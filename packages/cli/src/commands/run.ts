/** `lsm run PROGRAM.wasm ARGS…`: a WASI program on a kernel of its own, under the stack that was asked for. */
import { basename, resolve } from 'node:path'
import { AT_FDCWD, errnoName, O_CREAT, O_TRUNC, O_WRONLY } from '@lsmkit/abi'
import type { BpfLsm, LoadedObject } from '@lsmkit/bpf'
import type { ChangeWords } from '@lsmkit/bpf/object'
import type { DenialRecord, Profile, Stack, Task, WouldDenyRecord } from '@lsmkit/core'
import { BootError, bootKernel } from '@lsmkit/kernel/boot'
import type { BootMount, ChosenBootOptions, Kernel } from '@lsmkit/kernel/boot'
import { becomeWasi, becomeWasiAsync, hostMemoryFor, limitNumbers } from '@lsmkit/wasi'
import type { SelinuxLsm } from '@lsmkit/selinux'
import type { Limits, WasiResult } from '@lsmkit/wasi'
import type { GatewayRefusal, HostAccess } from '@lsmkit/sandbox/hosts'
import { readBounded } from '../bounded-read.ts'
import { capsOf } from '../caps-argument.ts'
import { CommandError } from '../command-error.ts'
import type { HostTerminal, Io } from '../io.ts'
import { composeStack } from '../modules.ts'
import { printJson } from '../output.ts'
import type { ObjectOptions } from './bpf/open.ts'
import { environment } from '../run/environment.ts'
import { errorWords } from '../host-file.ts'
import { openAudit } from '../run/audit-file.ts'
import type { ApparmorChoice } from '../run/apparmor-profiles.ts'
import type { AuditFile } from '../run/audit-file.ts'
import { limitsOf } from '../run/guest-options.ts'
import type { GuestOptions } from '../run/guest-options.ts'
import type { LandlockChoice, Landlocked } from '../run/landlock-rules.ts'
import { moduleOptions } from '../run/module-options.ts'
import { openPlaces } from '../run/mounts.ts'
import { withStdin } from '../run/stdin-file.ts'
import { inOneWay } from '../run/world-rows.ts'
import type { Shorthands } from '../run/world-rows.ts'
import type { SmackChoice } from '../run/smack-rules.ts'
import type { Places } from '../run/mounts.ts'
import type { SelinuxChoice } from '../run/selinux-policy.ts'
import type * as bpfRun from '../run/bpf-programs.ts'
import type * as hostsRun from '../run/allow-hosts.ts'
import type * as landlockRun from '../run/landlock-rules.ts'
import type * as selinuxRun from '../run/selinux-policy.ts'
import { createSubject } from '../run/subject.ts'
import type { Subject } from '../run/subject.ts'
import { kernelPartsFor } from '../run/subsystems.ts'
import { giveTerminal } from '../shell/terminal.ts'

export interface RunOptions extends SelinuxChoice, GuestOptions, LandlockChoice, SmackChoice, ApparmorChoice,
  ChangeWords, Omit<Shorthands, 'uid'> {
  readonly lsm?: string
  readonly cmdline?: string
  /** The kernel release whose rules hold. */
  readonly kernel?: Profile
  /** `a,b`: modules whose refusals are recorded and not obeyed. */
  readonly permissiveLsm?: string
  /** `MODULE.NAME=VALUE`. */
  readonly option?: readonly string[]
  /** Files with modules of one's own. */
  readonly module?: readonly string[]
  /** Standard input of the program. */
  readonly stdin?: string
  readonly caps?: string
  readonly env?: readonly string[]
  readonly audit?: string
  readonly strace?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
  /** Object files whose programs are attached before the program starts. */
  readonly bpf?: readonly string[]
  /** File with the types of the kernel they were made for. */
  readonly btf?: string
  /** Prints the records of their ring buffers on stderr after each system call. */
  readonly records?: boolean
  /** Maps of the objects that are printed on stderr at the end. */
  readonly dump?: readonly string[]
  /** Called with the objects when the program has ended. */
  readonly atEnd?: (loaded: readonly LoadedObject[]) => void
  /** Struct that records are read as. */
  readonly event?: string
}

/** What a shell says of a program that is not there, and of one that cannot be executed. */
const NOT_FOUND = 127
const NOT_EXECUTED = 126

/** Exit status of the program, or what a shell would say for it. */
export const runCommand = async (
  outer: Io, program: string, args: readonly string[], told: RunOptions,
): Promise<number> => {
  const options = inOneWay(told)
  const io = withStdin(outer, options.stdin)
  const places = await openPlaces(options.mount ?? [], options.dir ?? [], io.cwd, options.uid)
  const subject = subjectOf(options)
  const env = environment(options.env ?? [])
  const image = readProgram(io, program)
  if (typeof image === 'number') return image
  // what few programs need is loaded for them alone
  const onSelinux = usesSelinux(options) ? await import('../run/selinux-policy.ts') : null
  const given = moduleOptions(io, options.option)
  const onLandlock = usesLandlock(options) ? await import('../run/landlock-rules.ts') : null
  const onBpf = options.bpf === undefined ? null : await import('../run/bpf-programs.ts')
  const onSmack = usesSmack(options) ? await import('../run/smack-rules.ts') : null
  const onApparmor = usesApparmor(options) ? await import('../run/apparmor-profiles.ts') : null
  const onHosts = options.allowHost === undefined ? null : await import('../run/allow-hosts.ts')
  const onOwn = options.module === undefined ? null : await import('../run/own-modules.ts')
  const own = await onOwn?.ownModules(io, options.module) ?? []
  const policy = onSelinux?.selinuxModule(io, options) ?? null
  const audit = openAudit(io, options.audit)
  try {
    const programs = onBpf?.bpfModule(io) ?? null
    const landlocked = onLandlock?.landlockModule(io, options, given) ?? null
    const smack = onSmack?.smackModule(io, options, given) ?? null
    const profiles = onApparmor?.apparmorModule(io, options) ?? null
    const hosts = onHosts === null ? null : { ...onHosts, access: onHosts.allowHosts(options.allowHost!) }
    const modules = [policy, smack, profiles, ...own.map((make) => make()), programs, landlocked?.lsm ?? null]
    const made = [hosts?.access.lsm ?? null, ...modules].filter((lsm) => lsm !== null)
    const stack = await composeStack(options, { onAudit: audit.sink }, made, given)
    // a permissive SELinux has nothing to say before it enforces
    if (policy === null) audit.begin()
    const selinux = onSelinux === null || policy === null ? null : { ...onSelinux, policy }
    const bpf = onBpf === null || programs === null ? null : { ...onBpf, programs }
    const landlock = onLandlock === null || landlocked === null ? null : { ...onLandlock, landlocked }
    const prepare = (kernel: Kernel, task: Task): void => {
      onSmack?.setLabel(kernel, task, options)
      onApparmor?.setProfile(kernel, task, options)
    }
    const composition = { stack, selinux, bpf, landlock, hosts, audit, prepare }
    return await run(io, { name: basename(program), image, args, env, places, subject }, options, composition)
  } finally {
    audit.close()
  }
}

interface Run {
  readonly name: string
  readonly image: Uint8Array
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly places: Places
  readonly subject: Subject
}

interface Composition {
  readonly stack: Stack
  /** Where a policy was named. */
  readonly selinux: (typeof selinuxRun & { readonly policy: SelinuxLsm }) | null
  /** Where objects were. */
  readonly bpf: (typeof bpfRun & { readonly programs: BpfLsm }) | null
  /** Where it was named, or rules were. */
  readonly landlock: (typeof landlockRun & { readonly landlocked: Landlocked }) | null
  /** Where hosts were named. */
  readonly hosts: (typeof hostsRun & { readonly access: HostAccess }) | null
  readonly audit: AuditFile
  /** Gives the task its label, while it is privileged. */
  readonly prepare: (kernel: Kernel, task: Task) => void
}

const run = async (
  io: Io, { name, image, args, env, places, subject }: Run, options: RunOptions, composition: Composition,
): Promise<number> => {
  const { stack, selinux, bpf, landlock, hosts, audit, prepare } = composition
  const limits = limitsOf(options)
  const terminal = options.json === true ? null : io.terminal()
  const parts = await kernelPartsFor(image, options, terminal !== null)
  const kernel = boot(io, stack, places.mounts, limits, parts, landlock?.landlocked ?? null)
  const outside: GatewayRefusal[] = []
  hosts?.access.open(kernel, limits, (refusal) => outside.push(refusal))
  const path = `/usr/bin/${name}`
  install(kernel, path, image, subject.uid)
  selinux?.labelTree(io, kernel, selinux.policy, options)
  stack.current.task = kernel.init
  const loaded = bpf?.attachObjects(io, bpf.programs, stack, options.bpf!, objectOptions(options)) ?? []
  const dumps = (bpf === null ? [] : options.dump ?? []).map((map) => bpf!.mapDump(loaded, map))
  const readers = options.records ? loaded.map((object) => bpf!.ringReader(object, options.event)) : []
  if (options.records && !readers.some(({ hasRings }) => hasRings)) {
    io.note('lsm: the object has no ring buffer: only its output by bpf_printk is printed')
  }
  const task = createSubject(kernel, subject, (made) => prepare(kernel, made))
  selinux?.enforce(kernel, task, options)
  landlock?.restrictSubject(landlock.landlocked, kernel, task, path)
  audit.begin()
  printRecords(io, readers)
  const watched = await watchedKernel(io, kernel, stack, readers, options.strace === true)
  const stdout: Uint8Array[] = []
  stack.audit.clear()
  const plain = {
    program: path,
    argv: [name, ...args],
    env,
    preopens: places.preopens,
    posix: options.posix ?? hosts !== null,
    syscalls: options.syscalls ?? false,
    limits,
  }
  const streams = {
    stdin: io.stdin,
    stdout: options.json ? (bytes: Uint8Array) => void stdout.push(bytes.slice()) : io.stdout,
    stderr: io.stderr,
  }
  // a program that may start others, or wait for them, is run so that they can run beside it
  const isThreaded = hasThreads(image)
  const become = plain.posix || isThreaded ? becomeWasiAsync : becomeWasi
  const waiting = isThreaded ? { waiting: 'workers' } as const : {}
  const result = terminal === null
    ? await become(watched, task, { ...plain, ...waiting, ...streams })
    : await atTerminal(kernel, task, { host: terminal, uid: subject.uid, write: io.stdout, limits }, (bounds) =>
      becomeWasiAsync(watched, task, { ...plain, ...waiting, limits: bounds }))
  printRecords(io, readers)
  options.atEnd?.(loaded)
  for (const dump of dumps) for (const line of dump()) io.note(line)
  const refused = { denials: recordsOf(stack, 'denial'), waived: recordsOf(stack, 'would-deny'), outside }
  if (options.json) printJson(io, document(result, Buffer.concat(stdout).toString(), stack, refused))
  else if (!options.quiet) tell(io, result, refused, hosts)
  return result.status
}

/** As an import is written. A program that has these bytes as data runs in a worker too, which changes nothing else. */
const THREAD_SPAWN = '\x04wasi\x0cthread-spawn'

/** Whether the module imports `thread-spawn` of wasi-threads. */
const hasThreads = (image: Uint8Array): boolean =>
  Buffer.from(image.buffer, image.byteOffset, image.length).includes(THREAD_SPAWN, 0, 'latin1')

type Readers = readonly ReturnType<typeof bpfRun.ringReader>[]

/** Prints the records of ring buffers that have come since the last time. */
const printRecords = (io: Io, readers: Readers): void => {
  for (const reader of readers) for (const line of reader.read()) io.note(line)
}

/** The kernel that prints records, and with `strace` each call, after each system call. */
const watchedKernel = async (
  io: Io, kernel: Kernel, stack: Stack, readers: Readers, strace: boolean,
): Promise<Kernel> => {
  if (!strace && readers.length === 0) return kernel
  const { callText, watchCalls } = await import('../run/trace.ts')
  return watchCalls(kernel, stack, {
    leave: (call) => {
      printRecords(io, readers)
      if (strace) io.note(callText(call))
    },
  })
}

interface Seat {
  readonly host: HostTerminal
  readonly uid: number
  readonly write: (bytes: Uint8Array) => void
  readonly limits: Limits
}

/** A terminal takes the keys that end a program, so one that computes has to listen to it: its loops are metered. */
const atTerminal = async (
  kernel: Kernel, task: Task, { host, uid, write, limits }: Seat, become: (limits: Limits) => Promise<WasiResult>,
): Promise<WasiResult> => {
  const { output } = limitNumbers(limits)
  const end = giveTerminal(kernel, task, uid, host, write, output)
  try {
    return await become({ loops: true, ...limits })
  } finally {
    end()
  }
}

const usesLandlock = ({ lsm, landlock }: LandlockChoice): boolean =>
  landlock !== undefined || lsm?.split(',').includes('landlock') === true
const usesSmack = ({ smackRules, label }: SmackChoice): boolean =>
  smackRules !== undefined || label !== undefined
const usesApparmor = ({ apparmor, profile }: ApparmorChoice): boolean =>
  apparmor !== undefined || profile !== undefined
const usesSelinux = ({ selinux, fileContexts, local, permissive, context }: SelinuxChoice): boolean =>
  [selinux, fileContexts, local, permissive, context].some((choice) => choice !== undefined)

/** Kept apart from `open.ts`, which is loaded for objects alone. */
export const objectOptions = ({ btf, set, map, innerMap, hook }: RunOptions): ObjectOptions => ({
  ...(btf === undefined ? {} : { btf }), ...(set === undefined ? {} : { set }), ...(map === undefined ? {} : { map }),
  ...(innerMap === undefined ? {} : { innerMap }), ...(hook === undefined ? {} : { hook }),
})

export const boot = (
  io: Io, stack: Stack, mounts: readonly BootMount[], limits: Limits,
  parts: Pick<ChosenBootOptions, 'subsystems' | 'usualMounts'>,
  landlocked: Landlocked | null = null,
): Kernel => {
  try {
    const onPanic = (call: string, error: unknown) => io.note(`lsm: ${call} threw, which denies: ${String(error)}`)
    const landlock = landlocked === null ? {} : { landlock: landlocked.lsm.engine }
    return bootKernel({ stack, ...parts, mounts, onPanic, hostMemory: hostMemoryFor(limits), ...landlock })
  } catch (error) {
    if (error instanceof BootError) throw new CommandError('badInput', error.message)
    throw error
  }
}

interface Refused {
  readonly denials: readonly DenialRecord[]
  /** Refusals of permissive modules. */
  readonly waived: readonly WouldDenyRecord[]
  /** Refusals of hosts after the hooks. */
  readonly outside: readonly GatewayRefusal[]
}

const recordsOf = <K extends 'denial' | 'would-deny'>(stack: Stack, kind: K) =>
  stack.audit.records.filter((record): record is Extract<typeof record, { kind: K }> => record.kind === kind)

const document = ({ status, signal, reason, stats }: WasiResult, stdout: string, stack: Stack, refused: Refused) => ({
  lsms: stack.names,
  status,
  signal,
  reason,
  stdout,
  calls: stats.calls,
  denials: [...refused.denials.map(refusal), ...refused.outside.map(outsideRefusal)],
  wouldDeny: refused.waived.map(refusal),
})

const refusal = ({ hook, lsm, rc, subject, object, reason, details }: DenialRecord | WouldDenyRecord) =>
  ({ hook, lsm, error: errnoName(rc), uid: subject.uid, object, reason, ...details === null ? {} : { details } })

const outsideRefusal = ({ host, port, protocol, errno, why }: GatewayRefusal) => ({
  hook: null, lsm: 'hosts', error: errnoName(-errno), uid: null, object: { kind: 'host', host, port, protocol },
  reason: why,
})

/** Why the program did not run or was ended, how often it was refused something, and how often it would have been. */
const tell = (
  io: Io, { reason }: WasiResult, { denials, waived, outside }: Refused, hosts: typeof hostsRun | null,
): void => {
  if (reason !== '') io.note(`lsm: ${reason}`)
  const about = denials.map((record) => [record, hosts?.hostSentence(record) ?? null] as const)
  const sentences = [
    ...about.flatMap(([, sentence]) => sentence ?? []), ...outside.map((one) => hosts!.refusalSentence(one)),
  ]
  for (const sentence of new Set(sentences)) io.note(`lsm: ${sentence}`)
  const others = about.flatMap(([record, sentence]) => (sentence === null ? [record] : []))
  for (const line of counted(others)) io.note(`lsm: refused by ${line}`)
  for (const line of counted(waived)) io.note(`lsm: permissive, would be refused by ${line}`)
}

/** `file_open smack, 3 times`. */
const counted = (records: readonly (DenialRecord | WouldDenyRecord)[]): string[] => {
  const counts = new Map<string, number>()
  for (const { hook, lsm } of records) counts.set(`${hook} ${lsm}`, (counts.get(`${hook} ${lsm}`) ?? 0) + 1)
  return [...counts].map(([who, times]) => `${who}, ${times === 1 ? 'once' : `${times} times`}`)
}

export const subjectOf = ({ uid, caps }: RunOptions): Subject =>
  caps === undefined ? { uid } : { uid, caps: capsOf(caps).permitted }

/** What a program begins with: a module of WebAssembly, or a script that names its interpreter. */
const MAGICS = ['\0asm', '#!']

/** The bytes of the program, or the exit code. */
const readProgram = (io: Io, program: string): Uint8Array | number => {
  const path = resolve(io.cwd, program)
  try {
    const image = Buffer.from(readBounded(path))
    if (MAGICS.some((magic) => image.subarray(0, magic.length).toString('latin1') === magic)) return image
    io.note(`lsm: \`${path}\` cannot be run: it is no WebAssembly program`)
    return NOT_EXECUTED
  } catch (error) {
    const { code = 'EIO' } = error as NodeJS.ErrnoException
    io.note(`lsm: \`${path}\` cannot be run: ${errorWords(code)}`)
    return code === 'ENOENT' || code === 'ENOTDIR' ? NOT_FOUND : NOT_EXECUTED
  }
}

/** Puts the program into the tree, so that its execve passes every hook, and makes a home for its user. */
const install = ({ sys, init }: Kernel, path: string, image: Uint8Array, uid: number): void => {
  const must = (rc: number, what: string): number => {
    if (rc < 0) throw new CommandError('badInput', `the tree cannot be made: ${what}: ${errnoName(rc)}`)
    return rc
  }
  for (const dir of ['/usr', '/usr/bin', '/tmp', '/home']) must(sys.mkdirat(init, AT_FDCWD, dir, 0o755), dir)
  must(sys.fchmodat(init, AT_FDCWD, '/tmp', 0o1777), '/tmp')
  must(sys.fchownat(init, AT_FDCWD, '/home', uid, uid, 0), '/home')
  const fd = must(sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, 0o755), path)
  for (let at = 0; at < image.length;) at += must(sys.write(init, fd, image.subarray(at)), path)
  must(sys.close(init, fd), path)
}
