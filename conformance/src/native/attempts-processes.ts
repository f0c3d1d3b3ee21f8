/** Attempts on processes outside, and to stay behind. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { contents, openAt, text, words } from './target.ts'
import type { Attempt, Outcome, Surroundings, Target } from './target.ts'

/** A signal that does nothing to the processes here. */
const SIGWINCH = 28
const PTRACE_ATTACH = 16
const PTRACE_DETACH = 17
const PTRACE_SEIZE = 0x4206

/** Who is attacked. */
const victims: readonly (readonly [string, (t: Target) => number])[] = [
  ['a process outside', (t) => t.sleeper], ['its starter', (t) => t.supervisor],
]

const info = (pid: number): Uint8Array => {
  const bytes = new Uint8Array(128)
  const view = new DataView(bytes.buffer)
  view.setInt32(0, SIGWINCH, true)
  view.setInt32(8, -1, true)
  view.setInt32(16, pid, true)
  return bytes
}

const pidfd = (t: Target, pid: number): number => t.sys.call('pidfd_open', pid, 0)

const onProcess: readonly (readonly [string, (t: Target, pid: number) => Outcome])[] = [
  ['kill', (t, pid) => t.sys.call('kill', pid, SIGWINCH)],
  ['kill with signal 0', (t, pid) => t.sys.call('kill', pid, 0)],
  ['tkill', (t, pid) => t.sys.call('tkill', pid, SIGWINCH)],
  ['tgkill', (t, pid) => t.sys.call('tgkill', pid, pid, SIGWINCH)],
  ['rt_sigqueueinfo', (t, pid) => t.sys.call('rt_sigqueueinfo', pid, SIGWINCH, info(pid))],
  ['rt_tgsigqueueinfo', (t, pid) => t.sys.call('rt_tgsigqueueinfo', pid, pid, SIGWINCH, info(pid))],
  ['pidfd_send_signal', (t, pid) => t.sys.call('pidfd_send_signal', pidfd(t, pid), SIGWINCH, null, 0)],
  ['pidfd_getfd', (t, pid) => t.sys.call('pidfd_getfd', pidfd(t, pid), 0, 0)],
  ['ptrace attach', (t, pid) => {
    const rc = t.sys.call('ptrace', PTRACE_ATTACH, pid, 0, 0)
    if (rc === 0) t.sys.call('wait4', pid, null, 0x4000_0000, null)
    if (rc === 0) t.sys.call('ptrace', PTRACE_DETACH, pid, 0, 0)
    return rc
  }],
  ['ptrace seize', (t, pid) => t.sys.call('ptrace', PTRACE_SEIZE, pid, 0, 0)],
  ['process_vm_readv', (t, pid) => {
    const own = new Uint8Array(8)
    return t.sys.call('process_vm_readv', pid, words(t.sys.address(own), 8), 1, words(mapped(pid), 8), 1, 0)
  }],
  ['process_vm_writev', (t, pid) => {
    const own = new Uint8Array(8)
    return t.sys.call('process_vm_writev', pid, words(t.sys.address(own), 0), 1, words(mapped(pid), 0), 1, 0) >= 0 &&
      openAt(t, `/proc/${pid}/mem`, 2) >= 0
  }],
  ['its memory by /proc', (t, pid) => openAt(t, `/proc/${pid}/mem`)],
  ['its variables by /proc', (t, pid) => {
    const found = contents(t, openAt(t, `/proc/${pid}/environ`))
    return found.length > 0
  }],
  ['its maps', (t, pid) => contents(t, openAt(t, `/proc/${pid}/maps`)).length > 0],
  ['its stack', (t, pid) =>
    openAt(t, `/proc/${pid}/syscall`) >= 0 && contents(t, openAt(t, `/proc/${pid}/syscall`)).length > 0],
  ['its files by /proc', (t, pid) => openAt(t, `/proc/${pid}/fd/0`)],
  ['its root', (t, pid) => openAt(t, `/proc/${pid}/root/etc`)],
  ['its folder', (t, pid) => openAt(t, `/proc/${pid}/cwd`, 0o200000)],
  ['its out of memory score', (t, pid) => openAt(t, `/proc/${pid}/oom_score_adj`, 2)],
  ['its name', (t, pid) => openAt(t, `/proc/${pid}/comm`, 2)],
  ['its LSM attributes', (t, pid) => openAt(t, `/proc/${pid}/attr/current`, 1)],
  ['its timer slack', (t, pid) => openAt(t, `/proc/${pid}/timerslack_ns`, 1)],
  ['its namespaces', (t, pid) => openAt(t, `/proc/${pid}/ns/mnt`)],
  ['its limits', (t, pid) => t.sys.call('prlimit64', pid, 7, words(1 << 15, 1 << 15), null)],
  ['its priority', (t, pid) => t.sys.call('setpriority', 0, pid, 1)],
  ['its scheduling', (t, pid) => t.sys.call('sched_setscheduler', pid, 0, words(0))],
  ['its scheduling attributes', (t, pid) =>
    t.sys.call('sched_setattr', pid, Buffer.concat([Uint8Array.of(48), new Uint8Array(47)]), 0)],
  ['its processors', (t, pid) => t.sys.call('sched_setaffinity', pid, 8, words(-1))],
  ['its input and output class', (t, pid) => t.sys.call('ioprio_set', 1, pid, 0x4004)],
  ['kcmp', (t, pid) => t.sys.call('kcmp', process.pid, pid, 0, 0, 0)],
  ['process_madvise', (t, pid) => t.sys.call('process_madvise', pidfd(t, pid), words(mapped(pid), 4096), 1, 20, 0)],
  ['process_mrelease', (t, pid) => t.sys.call('process_mrelease', pidfd(t, pid), 0) === -22],
  ['migrate_pages', (t, pid) => t.sys.call('migrate_pages', pid, 64, words(1), words(1))],
  ['move_pages', (t, pid) => t.sys.call('move_pages', pid, 1, words(mapped(pid)), null, new Uint8Array(4), 0)],
  ['get_robust_list', (t, pid) => t.sys.call('get_robust_list', pid, words(0), words(0))],
  ['signals of a descriptor', (t, pid) => ownerSignal(t, pid)],
]

/** An address that the process has mapped; of the caller where it may not be seen. */
const mapped = (pid: number): bigint => {
  try {
    return BigInt(`0x${readFileSync(`/proc/${pid}/maps`, 'latin1').split('-')[0]}`)
  } catch {
    return 0n
  }
}

/** F_SETOWN to the process, and SIGIO by data on a socket: counted by the signal that the process has pending. */
const ownerSignal = (t: Target, pid: number): boolean => {
  const pair = new Int32Array(2)
  t.sys.call('socketpair', 1, 1, 0, new Uint8Array(pair.buffer))
  const [a = -1, b = -1] = pair
  t.sys.call('fcntl', a, 8, pid)
  t.sys.call('fcntl', a, 10, SIGWINCH)
  t.sys.call('fcntl', a, 4, 0o20000)
  return t.sys.call('fcntl', a, 9, 0) === pid && t.sys.call('write', b, text('x'), 1) === 1 &&
    t.sys.call('kill', pid, 0) === 0
}

const groups: readonly Attempt[] = [
  {
    name: 'kill the group of a process outside',
    run: (t) => t.sys.call('kill', -t.sys.call('getpgid', t.sleeper), SIGWINCH),
  },
  { name: 'kill all processes', run: (t) => t.sys.call('kill', -1, 0) === 0 && t.sys.call('kill', t.sleeper, 0) === 0 },
  { name: 'kill the parent', run: (t) => t.sys.call('kill', t.parent, SIGWINCH) },
  { name: 'read the memory of the parent', run: (t) => openAt(t, `/proc/${t.parent}/mem`) },
  { name: 'take a descriptor of the parent', run: (t) => openAt(t, `/proc/${t.parent}/fd/3`) },
  { name: 'the starter by SIGSTOP', run: (t) => t.sys.call('kill', t.supervisor, 18) },
  {
    name: 'join the group of a process outside',
    run: (t) => t.sys.call('setpgid', 0, t.sys.call('getpgid', t.sleeper)),
  },
]

const waitFor = (child: ReturnType<typeof spawn>): Promise<void> => new Promise((done) => child.once('spawn', done))

/** Each leaves a process of its name behind, or tries to. */
const lines: readonly (readonly [string, string])[] = [
  ['in the background', '$SLEEP & sleep 0.1'],
  ['with a session of its own', 'setsid $SLEEP & sleep 0.1'],
  ['forked twice', '(setsid sh -c "$SLEEP & exit" &) ; sleep 0.1'],
  ['deaf to signals', 'trap "" HUP INT TERM USR1 USR2; setsid sh -c "trap \\"\\" TERM HUP; $SLEEP" & sleep 0.1'],
  ['by nohup', 'nohup $SLEEP >/dev/null 2>&1 & sleep 0.1'],
  ['in a chain', 'setsid sh -c "setsid sh -c \\"setsid $SLEEP & exit\\" & exit" & sleep 0.2'],
  ['stopped', 'setsid sh -c "kill -STOP \\$\\$; $SLEEP" & sleep 0.1; setsid $SLEEP & sleep 0.1'],
  ['while its parent is killed', 'setsid $SLEEP & sleep 0.1; kill -9 $$'],
  ['a hundred of them', 'i=0; while [ $i -lt 100 ]; do setsid $SLEEP & i=$((i+1)); done; sleep 0.1'],
]

/** A time by which a process that one of the lines left behind is known. */
const leftoverTime = ({ supervisor, tcp }: Surroundings, at: number): string => `7${supervisor}.${tcp}${10 + at}`

const staying: readonly Attempt[] = lines.map(([name, line], at) => ({
  name: `stay behind: ${name}`, alone: true, leaves: (of) => leftoverTime(of, at),
  run: async (t) => {
    const command = line.replaceAll('$SLEEP', `sleep ${leftoverTime(t, at)}`)
    const child = spawn('sh', ['-c', command], { detached: true, stdio: 'ignore' })
    await waitFor(child)
    await new Promise((done) => child.once('exit', done))
    return false
  },
}))

export const processAttempts: readonly Attempt[] = [
  ...victims.flatMap(([who, pidOf]) => onProcess.map(([name, run]) => ({
    name: `${who}: ${name}`, run: (t: Target) => run(t, pidOf(t)),
    ...(name.startsWith('ptrace') ? { alone: true as const } : {}),
  }))),
  ...groups, ...staying,
]
