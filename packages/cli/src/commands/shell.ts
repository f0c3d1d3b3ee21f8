/** `lsm shell`: a prompt on a kernel of its own, under the stack that was asked for. */
import { resolve } from 'node:path'
import type { Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { everySubsystem } from '@lsmkit/kernel/subsystems'
import { becomeWasiAsync } from '@lsmkit/wasi'
import type { WasiResult } from '@lsmkit/wasi'
import type { Io } from '../io.ts'
import { composeStack } from '../modules.ts'
import { apparmorModule, setProfile } from '../run/apparmor-profiles.ts'
import { openAudit } from '../run/audit-file.ts'
import { CommandError } from '../command-error.ts'
import { allowHosts, refusalSentence } from '../run/allow-hosts.ts'
import { gatewayOf } from '../run/gateway.ts'
import { limitsOf } from '../run/guest-options.ts'
import { landlockModule, restrictSubject } from '../run/landlock-rules.ts'
import { moduleOptions } from '../run/module-options.ts'
import { openPlaces } from '../run/mounts.ts'
import { ownModules } from '../run/own-modules.ts'
import { enforce, labelTree, selinuxModule } from '../run/selinux-policy.ts'
import { setLabel, smackModule } from '../run/smack-rules.ts'
import { withStdin } from '../run/stdin-file.ts'
import { createSubject } from '../run/subject.ts'
import { inOneWay } from '../run/world-rows.ts'
import { addHistory, BOX_HISTORY, giveHistory, historyFile, readHistory, takeHistory } from '../shell/history.ts'
import { readTree, restoreTree, saveTree } from '../shell/kept-tree.ts'
import { RELOADED, reloadRequest } from '../shell/reload.ts'
import { giveTerminal } from '../shell/terminal.ts'
import { growTree } from '../shell/tree.ts'
import { environment } from '../run/environment.ts'
import { boot, objectOptions, subjectOf } from './run.ts'
import type { RunOptions } from './run.ts'

export interface ShellOptions extends RunOptions {
  /** The command line to run, instead of reading standard input. */
  readonly command?: string
  /** `ADDRESS:PORT[=HOST:PORT]`. */
  readonly gateway?: readonly string[]
  /** A WASI shell of the host's in the place of ours. */
  readonly shell?: string
  /** Whether lines are kept from one session to the next; commander sets it. */
  readonly history?: boolean
  /** Where a shell that is watched finds the tree of the one before it, and leaves its own. */
  readonly tree?: string
}

const ENVIRONMENT = { HOME: '/home', PATH: '/bin', SHELL: '/bin/sh', TERM: 'xterm' }

/** Exit status of the shell. `words` are a file of the tree and its arguments. */
export const shellCommand = async (outer: Io, words: readonly string[], told: ShellOptions): Promise<number> => {
  const options = inOneWay(told)
  const io = withStdin(outer, options.stdin)
  const args = options.command === undefined ? words : ['-c', options.command, ...words]
  const places = await openPlaces(options.mount ?? [], options.dir ?? ['/'], io.cwd, options.uid)
  const subject = subjectOf(options)
  const env = { ...ENVIRONMENT, ...environment(options.env ?? []) }
  const policy = selinuxModule(io, options)
  const audit = openAudit(io, options.audit)
  let end = (): void => {}
  try {
    const given = moduleOptions(io, options.option)
    const landlocked = landlockModule(io, options, given)
    const smack = smackModule(io, options, given)
    const profiles = apparmorModule(io, options)
    const own = await ownModules(io, options.module)
    const onBpf = options.bpf === undefined ? null : await import('../run/bpf-programs.ts')
    const programs = onBpf?.bpfModule(io) ?? null
    const hosts = options.allowHost === undefined ? null : allowHosts(options.allowHost)
    if (hosts !== null && options.gateway !== undefined)
      throw new CommandError('usage', '`--gateway` and `--allow-host` are two ways out', 'give one of them')
    const modules = [policy, smack, profiles, ...own.map((make) => make()), programs, landlocked?.lsm ?? null]
    const made = [hosts?.lsm ?? null, ...modules].filter((lsm) => lsm !== null)
    const stack = await composeStack(options, { onAudit: audit.sink }, made, given)
    const limits = { ...limitsOf(options), time: options.time ?? 'none' }
    const kernel = boot(io, stack, places.mounts, limits, { subsystems: everySubsystem }, landlocked)
    kernel.machine.gateway = gatewayOf(options.gateway ?? [])
    hosts?.open(kernel, limits, (refusal) => io.note(`lsm: ${refusalSentence(refusal)}`))
    const cwd = makeTree(io, kernel, subject.uid, options)
    if (policy !== null) labelTree(io, kernel, policy, options)
    stack.current.task = kernel.init
    if (programs !== null) onBpf!.attachObjects(io, programs, stack, options.bpf!, objectOptions(options))
    const task = createSubject(kernel, subject, (one) => {
      setLabel(kernel, one, options)
      setProfile(kernel, one, options)
    })
    if (kernel.sys.chdir(task, cwd) < 0) kernel.sys.chdir(task, '/home')
    const terminal = args.length === 0 ? io.terminal() : null
    const history = terminal === null || options.history === false ? null : openHistory(io, kernel, task)
    const program = {
      program: '/bin/sh', argv: ['sh', ...args], env: { ...history?.env, ...env }, posix: true,
      syscalls: options.syscalls ?? false, preopens: places.preopens, limits,
    }
    if (terminal !== null) end = giveTerminal(kernel, task, subject.uid, terminal, io.stdout)
    if (policy !== null) enforce(kernel, task, options)
    if (landlocked !== null) restrictSubject(landlocked, kernel, task, '/bin')
    audit.begin()
    const running = becomeWasiAsync(kernel, task, terminal === null ? { ...program, ...streams(io) } : program)
    const result = await endOf(kernel, task, running, options.tree)
    history?.keep()
    end()
    if (result === null) return RELOADED
    if (result.reason !== '' && options.quiet !== true) io.note(`lsm: ${result.reason}`)
    return result.status
  } finally {
    end()
    audit.close()
  }
}

interface History {
  readonly env: Readonly<Record<string, string>>
  /** Puts the lines of the session into the file of the host. */
  readonly keep: () => void
}

/** Null where the shell may not have the file. */
const openHistory = (io: Io, kernel: Kernel, task: Task): History | null => {
  const file = historyFile()
  const before = readHistory(file)
  if (!giveHistory(kernel, task, before)) return null
  const keep = (): void => {
    try {
      addHistory(file, takeHistory(kernel, before))
    } catch (error) {
      io.note(`lsm: the history is not kept: ${(error as Error).message}`)
    }
  }
  return { env: { HISTFILE: BOX_HISTORY }, keep }
}

const streams = ({ stdin, stdout, stderr }: Io) => ({ stdin, stdout, stderr })

/** Makes the tree, or the one that the shell before has left; the directory to begin in. */
const makeTree = (io: Io, kernel: Kernel, uid: number, { tree, shell }: ShellOptions): string => {
  const kept = tree === undefined ? null : readTree(tree)
  if (kept === null) growTree(kernel, uid, shell === undefined ? null : resolve(io.cwd, shell))
  else restoreTree(kernel, kept.files)
  return kept?.cwd ?? '/home'
}

/** The end of the shell; null where a watching process has asked for the next one, which gets the tree. */
const endOf = async (
  kernel: Kernel, task: Task, running: Promise<WasiResult>, tree: string | undefined,
): Promise<WasiResult | null> => {
  if (tree === undefined) return running
  const result = await Promise.race([running, reloadRequest()])
  if (result !== 'reload') return result
  saveTree(kernel, task, tree)
  return null
}
