/** Operations of selinux-ops.tsv: /proc/PID/attr, and domains entered without an execve. */
import {
  CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, O_RDONLY, O_WRONLY, PR_SET_NO_NEW_PRIVS, PTRACE_ATTACH,
  SIGKILL, errnoName,
} from '@lsmkit/abi'
import { tree } from './files.ts'
import { domain, encode } from './world.ts'
import type { Calls, Operation, World } from './world.ts'

/** Writes an attribute of the task's own: 0 or -errno. */
export const attribute = (sys: Calls, name: string, context: string, who = 'self'): number => {
  const fd = sys.open(`/proc/${who}/attr/${name}`, O_WRONLY, 0)
  if (fd < 0) return fd
  const rc = sys.write(fd, encode(context))
  sys.close(fd)
  return Math.min(rc, 0)
}

const read = (sys: Calls, path: string): string | number => {
  const fd = sys.open(path, O_RDONLY, 0)
  if (fd < 0) return fd
  const buf = new Uint8Array(256)
  const n = sys.read(fd, buf)
  sys.close(fd)
  return n < 0 ? n : new TextDecoder().decode(buf.subarray(0, n)).replace(/\0$/, '')
}

export const setcon = (sys: Calls, type: string): number => attribute(sys, 'current', domain(type))

const threads = (sys: Calls): number =>
  sys.clone(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, 0, null, null, 0)

const plain = (run: ReturnType<Operation>): Operation => () => run

/** A child of the task that changes into `p_t` and traces it; the task then changes into `y_t`. */
const traced = (world: World) => (sys: Calls) => {
  const pid = sys.fork()
  if (pid < 0) return pid
  const child = world.calls(world.taskOf(pid))
  setcon(child, 'p_t')
  const attached = child.ptrace(PTRACE_ATTACH, world.actor.pid, 0, null as never)
  world.settle()
  const rc = setcon(sys, 'y_t')
  sys.kill(pid, SIGKILL)
  return rc < 0 || attached === 0 ? rc : { rc, result: `tracer=${errnoName(attached)}` }
}

export const attributeOperations: Readonly<Record<string, Operation>> = {
  setcon: plain((sys) => setcon(sys, 'y_t')),
  setcon_same: plain((sys) => setcon(sys, 's_t')),
  setcon_bounded: plain((sys) => setcon(sys, 'b_t')),
  setcon_invalid: plain((sys) => setcon(sys, 'nosuch_t')),
  setcon_nnp: (world) => {
    tree(world)
    world.must(world.calls(world.actor).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 'no_new_privs')
    return (sys) => setcon(sys, 'y_t')
  },
  // a thread that cannot be made is not missed
  setcon_threads: plain((sys) => {
    threads(sys)
    return setcon(sys, 'y_t')
  }),
  setcon_threads_bounded: plain((sys) => {
    threads(sys)
    return setcon(sys, 'b_t')
  }),
  setcon_traced: traced,
  attr_read_current: plain((sys) => {
    const text = read(sys, '/proc/self/attr/current')
    return typeof text === 'number' ? text : 0
  }),
  attr_read_prev: plain((sys) => {
    const text = read(sys, '/proc/self/attr/prev')
    return typeof text === 'number' ? text : { rc: 0, result: `prev=${text}` }
  }),
  proc_attr: (world) => {
    const p = world.other()
    return (sys) => {
      const text = read(sys, `/proc/${p.pid}/attr/current`)
      return typeof text === 'number' ? text : 0
    }
  },
  proc_attr_write_other: (world) => {
    const p = world.other()
    return (sys) => attribute(sys, 'exec', domain('n_t'), String(p.pid))
  },
}
