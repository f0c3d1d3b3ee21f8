/** Calls on tasks and their attributes, as descriptions name them; `p` is the other process. */
import {
  CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, O_RDONLY, O_WRONLY, PR_SET_NO_NEW_PRIVS, PRIO_PROCESS,
  RLIMIT_NOFILE, SI_QUEUE, SIGCHLD, SIGCONT, SIGKILL,
} from '@lsmkit/abi'
import { ref } from '@lsmkit/core'
import { attribute, setcon } from '../attributes.ts'
import { execute } from '../exec.ts'
import { domain, encode, object } from '../world.ts'
import type { Calls } from '../world.ts'
import type { Reader } from './file-calls.ts'
import type { Scene } from './scene.ts'
import { flagsIn, needNumber, numberOf, unquoted } from './words.ts'

const done = (rc: number): number => Math.min(rc, 0)
const IOPRIO_WHO_PROCESS = 1
const BEST_EFFORT_4 = (2 << 13) | 4
const remote = { iov_base: 0x400000, iov_len: 4 }

/** The other process, as uid 1000. */
const runAsUser = ({ world, other }: Scene): void =>
  void world.must(world.calls(world.taskOf(other)).setresuid(1000, 1000, 1000), 'setresuid')

/** A call on the other process, or on the caller where that is meant. */
const on = (call: (sys: Calls, pid: number, args: readonly string[]) => number): Reader => (scene, args) => {
  const self = /^(?:self|0)$/.test(args[0] ?? '')
  if (/running as uid 1000/.test(args.join(' '))) runAsUser(scene)
  const pid = self ? 0 : scene.other
  return (sys) => done(call(sys, pid, args))
}
const signalOf = (args: readonly string[]): number => numberOf(args[1] ?? '') ?? SIGCONT

const limits = (args: readonly string[], hard: number) => {
  const [, soft = '100', max = '200'] = /\{(\d+), ([^}]*)\}/.exec(args.join(', ')) ?? []
  return { rlim_cur: Number(soft), rlim_max: /same/.test(max) ? hard : Number(max) }
}

export const readAttribute = (sys: Calls, path: string): string | number => {
  const fd = sys.open(path, O_RDONLY, 0)
  if (fd < 0) return fd
  const buf = new Uint8Array(256)
  const n = sys.read(fd, buf)
  return n < 0 ? n : new TextDecoder().decode(buf.subarray(0, n)).replace(/\0$/, '')
}

const procWrite = (sys: Calls, path: string, text: string): number => {
  const fd = sys.open(path, O_WRONLY, 0)
  return fd < 0 ? fd : done(sys.write(fd, encode(text)))
}

export const taskCalls: Readonly<Record<string, Reader>> = {
  fork: (scene) => (sys) => done(scene.pid = sys.fork()),
  kill: on((sys, pid, args) => sys.kill(pid, signalOf(args))),
  tkill: on((sys, pid, args) => sys.tkill(pid, signalOf(args))),
  tgkill: on((sys, pid, args) => sys.tgkill(pid, pid, signalOf(args))),
  rt_sigqueueinfo: on((sys, pid, args) => {
    const signal = signalOf(args)
    return sys.rt_sigqueueinfo(pid, signal, { si_signo: signal, si_errno: 0, si_code: SI_QUEUE, si_pid: 0, si_uid: 0 })
  }),
  getpgid: on((sys, pid) => sys.getpgid(pid)),
  getsid: on((sys, pid) => sys.getsid(pid)),
  setpgid: (scene) => (sys) => {
    const rc = sys.setpgid(scene.pid, 0)
    sys.kill(scene.pid, SIGKILL)
    return rc
  },
  getpriority: on((sys, pid) => sys.getpriority(PRIO_PROCESS, pid)),
  setpriority: (scene, args) => {
    const pid = args.includes('self') ? 0 : scene.other
    if (/running as uid 1000/.test(scene.text)) runAsUser(scene)
    return (sys) => sys.setpriority(PRIO_PROCESS, pid, numberOf(args.at(-1) ?? '') ?? 5)
  },
  nice: (_scene, [by = '-5']) => (sys) => sys.setpriority(PRIO_PROCESS, 0, needNumber(by)),
  sched_getparam: on((sys, pid) => sys.sched_getparam(pid, { sched_priority: 0 })),
  sched_setparam: on((sys, pid) => sys.sched_setparam(pid, { sched_priority: 0 })),
  sched_getscheduler: on((sys, pid) => sys.sched_getscheduler(pid)),
  sched_setscheduler: on((sys, pid, args) => {
    const policy = numberOf(args.find((arg) => arg.startsWith('SCHED_')) ?? '') ?? 0
    return sys.sched_setscheduler(pid, policy, { sched_priority: policy === 1 || policy === 2 ? 1 : 0 })
  }),
  sched_getaffinity: on((sys, pid) => sys.sched_getaffinity(pid, 8, ref(0n))),
  sched_setaffinity: on((sys, pid) => sys.sched_setaffinity(pid, 8, 1n)),
  sched_rr_get_interval: on((sys, pid) => sys.sched_rr_get_interval(pid, {} as never)),
  ioprio_get: on((sys, pid) => sys.ioprio_get(IOPRIO_WHO_PROCESS, pid)),
  ioprio_set: on((sys, pid) => sys.ioprio_set(IOPRIO_WHO_PROCESS, pid, BEST_EFFORT_4)),
  prlimit64: (scene, args) => {
    const task = args[0] === 'self' ? scene.world.actor : scene.world.taskOf(scene.other)
    const { rlim_max } = task.signal!.rlim[RLIMIT_NOFILE]!
    const wanted = args.some((arg) => arg.startsWith('{')) ? limits(args, rlim_max) : null
    const old = wanted === null ? { rlim_cur: 0, rlim_max: 0 } : null
    return (sys) => sys.prlimit64(task.pid, RLIMIT_NOFILE, wanted, old)
  },
  pidfd_open: (scene) => {
    const pid = scene.other
    return (sys) => (scene.fd = sys.pidfd_open(pid, 0))
  },
  pidfd_getfd: (scene, args) => (sys) => done(sys.pidfd_getfd(scene.fd, numberOf(args.at(-1) ?? '') ?? 0, 0)),
  pidfd_send_signal: (scene, args) => (sys) =>
    sys.pidfd_send_signal(scene.fd, numberOf(args.at(-1) ?? '') ?? SIGCONT, null, 0),
  userfaultfd: (scene, args) => (sys) => (scene.fd = sys.userfaultfd(numberOf(args[0] ?? '') ?? 0)),
  ptrace: on((sys, pid, args) => sys.ptrace(needNumber(/PTRACE_\w+/.exec(args.join(' '))?.[0]), pid, 0, 0 as never)),
  process_vm_readv: on((sys, pid) => sys.process_vm_readv(pid, [new Uint8Array(4)], 1, [remote], 1, 0)),
  process_vm_writev: on((sys, pid) => sys.process_vm_writev(pid, [new Uint8Array(4)], 1, [remote], 1, 0)),
  unshare: (_scene, args) => (sys) => sys.unshare(flagsIn(args.join(' '), 'CLONE_')),
  setcon: (_scene, args) => (sys) => setcon(sys, args[0] ?? 'y_t'),
  'a second thread exists': () => (sys) => {
    sys.clone(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, 0, null, null, 0)
    return 0
  },
  clone: (_scene, args) => (sys) => done(sys.clone(flagsIn(args.join(' '), 'CLONE_') | SIGCHLD, 0, null, null, 0)),
  no_new_privs: (scene) => {
    const { world } = scene
    scene.last.push(() => void world.must(world.calls(world.actor).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 'nnp'))
    return () => 0
  },
  execve: (scene, args, note) => {
    const limit = /RLIMIT_NOFILE soft (\d+)/.exec(scene.text)
    return execute(scene.world, {
      path: unquoted(args[0] ?? '"x"'),
      // the bounded domain has an entry of its own
      type: /(?:of |^)(\w+_t)/.exec(note)?.[1] ?? /(\w+_t) script/.exec(scene.text)?.[1] ?? (/exec = b_t/.test(scene.text) ? 'eb_t' : 'o_t'),
      interpreter: /script/.test(scene.text) ? (/#!x of (\w+_t)/.exec(scene.text)?.[1] ?? 'o_t') : null,
      nosuid: /nosuid mount/.test(scene.text),
      fd: /inherited fd of (\w+_t)/.exec(scene.text)?.[1] ?? null,
      traced: /PTRACE_TRACEME/.test(scene.text),
      nofile: limit === null ? null : Number(limit[1]),
    }, scene.last)
  },
}

/** `attr/exec = b_t (bounded by s_t)`, `read /proc/self/attr/current`: by what the words say. */
export const attributeStep: Reader = (_scene, [name = '', value = '']) => {
  const word = /^[\w:]+/.exec(value)?.[0] ?? ''
  const isObject = name === 'fscreate' || name === 'sockcreate'
  const context = word.includes(':') ? `${word}:s0` : isObject ? object(word) : domain(word)
  return (sys) => attribute(sys, name, context)
}

export const procReadStep: Reader = (scene, [path = '']) => {
  const at = scene.path(path)
  return (sys) => {
    const text = readAttribute(sys, at)
    if (typeof text === 'number') return text
    return at.endsWith('/prev') ? { rc: 0, result: `prev=${text}` } : 0
  }
}

export const procWriteStep: Reader = (scene, [path = '', text = '1']) => {
  const at = scene.path(path)
  return (sys) => procWrite(sys, at, `${text || '1'}\n`)
}
