/** Operations of selinux-ops.tsv: execve, and what the program finds. */
import {
  AT_SECURE, CLONE_FS, MS_BIND, MS_NOSUID, MS_REMOUNT, O_RDONLY, PR_SET_NO_NEW_PRIVS, PTRACE_TRACEME, RLIMIT_NOFILE,
  SIGCHLD, SIGKILL, SIGUSR1, WNOHANG,
} from '@lsmkit/abi'
import { threadOf } from '@lsmkit/kernel'
import type { Task } from '@lsmkit/core'
import { attribute } from './attributes.ts'
import { domain } from './world.ts'
import type { Calls, Operation, Outcome, World } from './world.ts'

/** What the recorded program prints of itself. `fd`: one that it inherited. */
const report = (world: World, task: Task, fd: number | null): string => {
  const { image, sighand } = threadOf(task)
  const secure = image === null ? 0 : (new Map(image.auxv).get(AT_SECURE) ?? 0)
  const ignores = sighand.action[SIGUSR1]?.handler === 'ignore' ? 1 : 0
  const { rlim_cur } = task.signal!.rlim[RLIMIT_NOFILE]!
  const own = `label=${world.domainOf(task.pid)},AT_SECURE=${secure},nofile=${rlim_cur},sigign_usr1=${ignores}`
  if (fd === null) return own
  const buf = new Uint8Array(256)
  const n = world.root.readlink(`/proc/${task.pid}/fd/${fd}`, buf)
  return `${own},fd=${n < 0 ? '-' : new TextDecoder().decode(buf.subarray(0, n))}`
}

/** An execve as the recorder made it: SIGUSR1 is ignored, and the new program tells what it found. */
const exec = (world: World, sys: Calls, path: string, fd: number | null = null): number | Outcome => {
  const rc = sys.execve(path, [path], [])
  world.settle()
  if (world.actor.exit_state !== 0) return { rc: -DIED }
  return rc < 0 ? rc : { rc: 0, result: report(world, world.actor, fd) }
}
/** The task was killed by its own execve. */
export const DIED = 4000

const ignoreUsr1 = (world: World): void => {
  world.calls(world.actor).rt_sigaction(SIGUSR1, { handler: 'ignore', flags: 0, mask: 0n }, null, 8)
}

const nothing = (): number => 0

/** Executes `x`, a program of this type, once the task is prepared; `before` is its first call. */
const program = (
  type: string, before: (sys: Calls) => number = nothing, prepare: (world: World) => void = nothing,
): Operation => (world) => {
  world.program('x', type)
  ignoreUsr1(world)
  prepare(world)
  return (sys) => before(sys) || exec(world, sys, 'x')
}

/** Executes `x` with a file open. */
const inheriting = (type: string): Operation => (world) => {
  world.program('x', type)
  world.file('f', 'o_t')
  const fd = world.fd('f', O_RDONLY)
  ignoreUsr1(world)
  return (sys) => exec(world, sys, 'x', fd)
}

const setexec = (type: string) => (sys: Calls): number => attribute(sys, 'exec', domain(type))

const limitFiles = (world: World, nofile: number): void => {
  const { rlim } = world.actor.signal!
  rlim[RLIMIT_NOFILE] = { ...rlim[RLIMIT_NOFILE]!, rlim_cur: nofile }
}

const noNewPrivs = (world: World): void =>
  void world.must(world.calls(world.actor).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 'no_new_privs')

/** `m`, on which all of `/w` is mounted without set-id. */
const nosuidMount = (world: World): void => {
  world.dir('m', 'd_t')
  world.must(world.root.mount('/w', '/w/m', null, MS_BIND, null), 'bind')
  world.must(world.root.mount(null, '/w/m', null, MS_REMOUNT | MS_BIND | MS_NOSUID, null), 'nosuid')
}

/** `m/x` on a mount without set-id. */
const nosuid = (type: string, nnp: boolean): Operation => (world) => {
  nosuidMount(world)
  world.program('x', type)
  ignoreUsr1(world)
  if (nnp) noNewPrivs(world)
  return (sys) => exec(world, sys, 'm/x')
}

/** A child that is traced by its parent executes; the parent looks at what it has become. */
const traced = (type: string) => (world: World) => {
  world.program('x', type)
  ignoreUsr1(world)
  return (sys: Calls): number | Outcome => {
    const pid = sys.fork()
    if (pid < 0) return pid
    const child = world.calls(world.taskOf(pid))
    const rc = child.ptrace(PTRACE_TRACEME, 0, 0, null as never) || child.execve('x', ['x'], [])
    world.settle()
    const isDead = world.taskOf(pid)?.exit_state !== 0
    const fd = rc < 0 && !isDead ? -1 : sys.open(`/proc/${pid}/attr/current`, O_RDONLY, 0)
    const buf = new Uint8Array(256)
    const n = fd < 0 ? fd : sys.read(fd, buf)
    sys.kill(pid, SIGKILL)
    sys.wait4(pid, null, WNOHANG, null)
    if (rc < 0 && !isDead) return rc
    const label = n < 0 ? '?' : new TextDecoder().decode(buf.subarray(0, n)).replace(/\0$/, '')
    return { rc: 0, result: `child-label=${label}` }
  }
}

/** What an execve is made of, as a description has it. */
export interface Execve {
  readonly path: string
  /** Of the program, or of the script. */
  readonly type: string
  /** Type of the interpreter of a script. */
  readonly interpreter: string | null
  readonly nosuid: boolean
  /** Type of an inherited file. */
  readonly fd: string | null
  readonly traced: boolean
  /** Soft limit of open files, lowered. */
  readonly nofile: number | null
}

/** `last`: what is set up when the task is there. */
export const execute = (
  world: World, { path, type, interpreter, nosuid: isNosuid, ...how }: Execve, last: (() => void)[],
) => {
  if (how.traced) return traced(type)(world)
  if (isNosuid) nosuidMount(world)
  world.program('x', interpreter ?? type)
  if (interpreter !== null) world.file('sc', type, '#!/w/x\n', 0o755)
  if (how.fd !== null) world.label('f', how.fd)
  const fd = how.fd === null ? null : world.fd('f', O_RDONLY)
  last.push(() => {
    ignoreUsr1(world)
    if (how.nofile !== null) limitFiles(world, how.nofile)
  })
  return (sys: Calls): number | Outcome => exec(world, sys, path, fd)
}

export const execOperations: Readonly<Record<string, Operation>> = {
  exec_same: program('o_t'),
  exec_trans: program('e_t'),
  exec_setexec: program('o_t', setexec('x_t')),
  exec_setexec_same: program('e_t', setexec('s_t')),
  exec_setexec_invalid: () => setexec('nosuch_t'),
  exec_same_fd: inheriting('o_t'),
  exec_trans_fd: inheriting('e_t'),
  exec_nnp_bounded: program('eb_t', setexec('b_t'), noNewPrivs),
  exec_nnp_trans: program('e_t', nothing, noNewPrivs),
  exec_nosuid_trans: nosuid('e_t', false),
  exec_nosuid_nnp: nosuid('e_t', true),
  exec_share: program('e_t', (sys) => Math.min(sys.clone(CLONE_FS | SIGCHLD, 0, null, null, 0), 0)),
  exec_traced: traced('e_t'),
  exec_trans_badrole: program('e2_t'),
  exec_script: (world) => {
    world.program('x', 'o_t')
    world.file('sc', 'e_t', '#!/w/x\n', 0o755)
    ignoreUsr1(world)
    return (sys) => exec(world, sys, 'sc')
  },
  exec_sigign_trans: program('e_t', nothing, (world) => limitFiles(world, 100)),
}
