/** Functions in the texts of selinux-ops that no C library has. */
import {
  AT_EMPTY_PATH, AT_FDCWD, O_RDONLY, O_WRONLY, errnoName, PTRACE_ATTACH, PTRACE_TRACEME, SIGKILL, WNOHANG,
} from '@lsmkit/abi'
import { Kstat, spaceOf } from '@lsmkit/kernel'
import type { Calls } from '../c/actor.ts'
import type { Builtin, CMachine } from '../c/machine.ts'
import { firstAnswer } from '../c/uring.ts'
import { leave, passing } from '../operations/passing.ts'
import { domain, encode, object } from './actor.ts'
import type { SelinuxActor } from './actor.ts'
import { netlinkHelpers } from './netlink.ts'

const PAGE = 4096
const MODE_BITS = 0o7777

/** Writes an attribute of the task's own: 0 or -errno. */
const attribute = (sys: Calls, name: string, context: string): number => {
  const fd = sys.open(`/proc/self/attr/${name}`, O_WRONLY, 0)
  if (fd < 0) return fd
  const rc = sys.write(fd, encode(context))
  sys.close(fd)
  return Math.min(rc, 0)
}

const contextOf = (read: (value: Uint8Array) => number): string | null => {
  const value = new Uint8Array(256)
  const size = read(value)
  return size < 0 ? null : new TextDecoder().decode(value.subarray(0, size)).replace(/\0$/, '')
}

/** Things of kernel_t's making; a type stands for the context of an object. */
const makers = (m: CMachine, actor: SelinuxActor): Record<string, Builtin> => {
  const { sys, must } = actor
  const made = (rc: number, path: string, type: number): number => {
    must(rc, path)
    actor.label(path, m.text(type)!)
    return 0
  }
  return {
    label: (path, type) => made(0, m.text(path)!, type),
    node: (path, type, mode, dev) => made(sys.mknod(m.text(path), mode, dev), m.text(path)!, type),
    dir: (path, type) => made(sys.mkdir(m.text(path), 0o777), m.text(path)!, type),
    program: (path, type) => {
      actor.program(m.text(path)!, m.text(type)!)
      return 0
    },
    script: (path, type, interpreter) => {
      actor.file(m.text(path)!, m.text(type)!, `#!${m.text(interpreter)!}\n`, 0o755)
      return 0
    },
    put: (path, text) => {
      const fd = must(sys.openat(AT_FDCWD, m.text(path), O_WRONLY, 0), m.text(path)!)
      must(sys.write(fd, encode(m.text(text)!)), m.text(path)!)
      return sys.close(fd)
    },
    policy_file: () => {
      actor.file('/policy', 'root_t', actor.policy)
      return sys.openat(AT_FDCWD, '/policy', O_RDONLY, 0)
    },
  }
}

/** Contexts, and what sets and tells them. */
const labels = (m: CMachine, { sys }: SelinuxActor): Record<string, Builtin> => {
  const set = (context: number, call: (value: Uint8Array) => number): number => call(encode(`${m.text(context)!}\0`))
  return {
    ctx: (type) => m.string(object(m.text(type)!)),
    dom: (type) => m.string(domain(m.text(type)!)),
    attr: (name, context) => attribute(sys, m.text(name)!, m.text(context)!),
    set_label: (path, context) =>
      set(context, (value) => sys.setxattr(m.text(path), 'security.selinux', value, 0)),
    fset_label: (fd, context) => set(context, (value) => sys.fsetxattr(fd, 'security.selinux', value, 0)),
    /** The answer of the ring, as the last thing that the task does. */
    cqe: () => {
      const rc = Math.min(firstAnswer(m), 0)
      leave(m, `cqe=${rc === 0 ? 'OK' : errnoName(rc)}`)
      return rc
    },
    label_of: (fd) => {
      const label = contextOf((value) => sys.fgetxattr(fd, 'security.selinux', value))
      leave(m, label === null ? '' : `label=${label}`)
      return 0
    },
    mode_of: (path) => {
      const stat = new Kstat()
      leave(m, sys.stat(m.text(path), stat) < 0 ? '0' : (stat.mode & MODE_BITS).toString(8))
      return 0
    },
  }
}

/** Programs, and what a child does. */
const programs = (m: CMachine, actor: SelinuxActor): Record<string, Builtin> => {
  const { sys } = actor
  const child = (): readonly [pid: number, calls: Calls | null] => {
    const pid = sys.fork()
    return [pid, pid < 0 ? null : actor.as(actor.taskOf(pid)).sys]
  }
  return {
    /** A child, or a thread, that does nothing. */
    waiting_child: (flags) => sys.clone(flags, 0, null, null, 0),
    execute: (path) => sys.execve(m.text(path)!, [m.text(path)!], []),
    execute_at: (fd) => sys.execveat(fd, '', ['x'], [], AT_EMPTY_PATH),
    copy_all: (from, to) => {
      for (;;) {
        const bytes = new Uint8Array(65536)
        const size = sys.read(from, bytes)
        if (size <= 0) return size
        const rc = sys.write(to, bytes.subarray(0, size))
        if (rc < 0) return rc
      }
    },
    /** A child that is traced by its parent executes; the parent looks at what it has become. */
    traced_exec: (path) => {
      const [pid, calls] = child()
      if (calls === null) return pid
      const rc = calls.ptrace(PTRACE_TRACEME, 0, 0, null as never) || calls.execve(m.text(path)!, ['x'], [])
      actor.settle()
      const isDead = actor.taskOf(pid)?.exit_state !== 0
      const fd = rc < 0 && !isDead ? -1 : sys.open(`/proc/${pid}/attr/current`, O_RDONLY, 0)
      const label = fd < 0 ? null : contextOf((value) => sys.read(fd, value))
      sys.kill(pid, SIGKILL)
      sys.wait4(pid, null, WNOHANG, null)
      leave(m, label ?? '?')
      return isDead ? 0 : Math.min(rc, 0)
    },
    /** A child changes its domain and traces the task, which then changes its own. */
    traced_setcon: (theirs, own) => {
      const [pid, calls] = child()
      if (calls === null) return pid
      attribute(calls, 'current', m.text(theirs)!)
      const attached = calls.ptrace(PTRACE_ATTACH, actor.task.pid, 0, null as never)
      actor.settle()
      const rc = attribute(sys, 'current', m.text(own)!)
      sys.kill(pid, SIGKILL)
      leave(m, attached === 0 ? '-' : `tracer=${errnoName(attached)}`)
      return rc
    },
    child_ends_in: (context) => {
      const [pid, calls] = child()
      if (calls === null) return pid
      attribute(calls, 'current', m.text(context)!)
      calls.exit_group(0)
      return pid
    },
    load_policy: (fd) => {
      const bytes = new Uint8Array(actor.policy.length)
      sys.read(fd, bytes)
      const load = sys.open('/sys/fs/selinux/load', O_WRONLY, 0)
      return load < 0 ? load : sys.write(load, bytes)
    },
    reload: () => {
      actor.reload()
      return 0
    },
  }
}

const memory = (m: CMachine, { task }: SelinuxActor): Record<string, Builtin> => ({
  /** Writes to a page: a private one is the task's own from then on. */
  touch: (at) => {
    for (const vma of spaceOf(task.mm!).vmas) if (vma.vm_start <= at && at < vma.vm_end) vma.anon_vma = true
    return 0
  },
  peek: () => 0,
  stack_page: () => Math.floor(spaceOf(task.mm!).start_stack / PAGE) * PAGE,
  clock_event: (at) => {
    m.callNamed('pe', [at])
    m.set(at, 'perf_event_attr', 'exclude_kernel', 1)
    m.set(at, 'perf_event_attr', 'disabled', 1)
    return 0
  },
})

export const helpers = (m: CMachine, actor: SelinuxActor): Record<string, Builtin> => ({
  ...passing(m, actor.sys), ...makers(m, actor), ...labels(m, actor), ...programs(m, actor), ...memory(m, actor),
  ...netlinkHelpers(m, actor.sys),
})
