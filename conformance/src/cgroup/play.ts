/** Plays one session of operations on control groups: a kernel, and up to five processes that make the calls. */
import {
  AT_FDCWD, CLONE_FILES, CLONE_FS, CLONE_INTO_CGROUP, CLONE_NEWCGROUP, CLONE_SIGHAND, CLONE_THREAD, CLONE_VM, errnoName,
  ESRCH, O_CREAT, O_RDONLY, O_WRONLY, PF_EXITING, SIGCHLD, WNOHANG,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { bootKernel, Kstat } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'

const ROOT = '/sys/fs/cgroup'
const CLONE_ARGS_SIZE = 88
const encoder = new TextEncoder()
const decoder = new TextDecoder()

const errno = (rc: number): string => (rc < 0 ? errnoName(rc) : String(rc))
const pathOf = (place: string): string => (place.startsWith('/') ? place : `${ROOT}/${place}`)

export class CgroupPlayer {
  readonly #kernel: Kernel
  readonly #processes = new Map<number, Task>()
  readonly #threads = new Map<number, Task>()

  constructor() {
    const stack = createStack({ lsms: [capability()], audit: { denials: false } })
    const onPanic = (syscall: string, cause: unknown): never => {
      throw new Error(`${syscall} threw`, { cause })
    }
    this.#kernel = bootKernel({ stack, onPanic })
    this.#processes.set(0, this.#kernel.init)
    // as the recorder, whose root was other sessions' as well
    this.#kernel.sys.chmod(this.#kernel.init, ROOT, 0o755)
  }

  /** Whether the process can make a call: it lives, and nobody has frozen it. */
  isReady(actor: number): boolean {
    const task = this.#processes.get(actor)
    return task !== undefined && (task.flags & PF_EXITING) === 0 && !(task.thread as { frozen: boolean }).frozen
  }
  /** Whether the number is taken, if only by a zombie. */
  isTaken(actor: number): boolean {
    return this.#processes.has(actor)
  }

  /** `ACTOR OPERATION ARGUMENTS`: what the call answers. */
  play(line: string): string {
    const [actor, operation, ...args] = line.split(' ')
    const task = this.#processes.get(Number(actor))
    if (task === undefined) return errno(-ESRCH)
    return this.#run(Number(actor), task, operation!, args)
  }

  #run(actor: number, task: Task, operation: string, [a = '', b = '', c = '']: readonly string[]): string {
    const { sys } = this.#kernel
    const path = pathOf(a)
    switch (operation) {
      case 'mkdir': return errno(sys.mkdir(task, path, Number.parseInt(b, 8)))
      case 'rmdir': return errno(sys.rmdir(task, path))
      case 'rename': return errno(sys.rename(task, path, pathOf(b)))
      case 'chown': return errno(sys.chown(task, path, Number(b), Number(b)))
      case 'chmod': return errno(sys.chmod(task, path, Number.parseInt(b, 8)))
      case 'unlink': return errno(sys.unlink(task, path))
      case 'create': return this.#create(task, path)
      case 'write': return this.#write(task, path, b)
      case 'read': return this.#read(task, path)
      case 'stat': return this.#stat(task, path)
      case 'setxattr': return errno(sys.setxattr(task, path, b, encoder.encode(c), 0))
      case 'getxattr': return this.#bytes((buf) => sys.getxattr(task, path, b, buf))
      case 'listxattr': {
        const list = this.#bytes((buf) => sys.listxattr(task, path, buf))
        return list.startsWith('E') ? list : `[${list.replaceAll('\0', ';')}]`
      }
      case 'removexattr': return errno(sys.removexattr(task, path, b))
      case 'fork': return this.#made(Number(a), sys.fork(task))
      case 'nfork': return this.#made(Number(a), this.#clone(task, { flags: CLONE_NEWCGROUP }))
      case 'cfork': return this.#forkInto(task, path, Number(b))
      case 'thread': return this.#thread(actor, task)
      case 'wait': return this.#wait(task, Number(a))
      case 'exit':
        sys.exit_group(task, 0)
        return 'ok'
      case 'setuid':
        sys.setgroups(task, 0, [])
        sys.setgid(task, Number(a))
        return errno(sys.setuid(task, Number(a)))
      case 'unshare': return errno(sys.unshare(task, CLONE_NEWCGROUP))
      default: throw new Error(`unknown operation \`${operation}\``)
    }
  }

  /** A process that its own call has killed has closed everything. */
  #close(task: Task, fd: number): void {
    if ((task.flags & PF_EXITING) === 0) this.#kernel.sys.close(task, fd)
  }

  #create(task: Task, path: string): string {
    const fd = this.#kernel.sys.openat(task, AT_FDCWD, path, O_CREAT | O_WRONLY, 0o644)
    if (fd < 0) return errno(fd)
    this.#close(task, fd)
    return '0'
  }

  /** `@1` is the number of a process, `@1t` that of its other thread; `_` and `$` are a blank and a new line. */
  #textOf(pattern: string): string {
    const pid = (task: Task | undefined): string => String(task?.pid ?? 0)
    return pattern
      .replace(/@(\d)(t?)/g, (_, n: string, t: string) => pid((t === '' ? this.#processes : this.#threads).get(Number(n))))
      .replaceAll('_', ' ').replaceAll('$', '\n')
  }

  #write(task: Task, path: string, pattern: string): string {
    const { sys } = this.#kernel
    const fd = sys.openat(task, AT_FDCWD, path, O_WRONLY, 0)
    if (fd < 0) return `open ${errno(fd)}`
    const rc = sys.write(task, fd, encoder.encode(this.#textOf(pattern)))
    this.#close(task, fd)
    return rc < 0 ? errno(rc) : 'ok'
  }

  #read(task: Task, path: string): string {
    const { sys } = this.#kernel
    const fd = sys.openat(task, AT_FDCWD, path, O_RDONLY, 0)
    if (fd < 0) return `open ${errno(fd)}`
    const text = this.#bytes((buf) => sys.read(task, fd, buf))
    this.#close(task, fd)
    if (/^E[A-Z]+$/.test(text)) return text
    if (/(?:procs|threads)$/.test(path)) return this.#names(text)
    return this.#comparable(path, text).replaceAll('\n', ';').replaceAll(' ', '_')
  }

  #bytes(call: (buf: Uint8Array) => number): string {
    const buf = new Uint8Array(65536)
    const rc = call(buf)
    return rc < 0 ? errno(rc) : decoder.decode(buf.subarray(0, rc))
  }

  /** Processes by their names here; others, as threads of the kernel, are left out. */
  #names(text: string): string {
    const pids = new Set(text.split('\n').map(Number))
    const found: string[] = []
    for (const [n, task] of this.#processes) if (pids.has(task.pid)) found.push(`@${n}`)
    for (const [n, task] of this.#threads) if (pids.has(task.pid)) found.push(`@${n}t`)
    return found.sort().map((name) => `${name};`).join('')
  }

  /** The fields that both kernels count: the recorded one has more controllers, and lets go of groups later. */
  #comparable(path: string, text: string): string {
    if (!path.endsWith('cgroup.stat')) return text
    return text.split('\n').filter((line) => /^nr_(?:descendants|subsys_pids) /.test(line)).map((l) => `${l}\n`).join('')
  }

  #stat(task: Task, path: string): string {
    const stat = new Kstat()
    const rc = this.#kernel.sys.stat(task, path, stat)
    return rc < 0 ? errno(rc) : `${stat.mode.toString(8)}_${stat.uid}_${stat.gid}_${stat.nlink}`
  }

  #clone(task: Task, args: { flags: number; cgroup?: number }): number {
    return this.#kernel.sys.clone3(task, { exit_signal: SIGCHLD, ...args }, CLONE_ARGS_SIZE)
  }

  #forkInto(task: Task, path: string, name: number): string {
    const fd = this.#kernel.sys.openat(task, AT_FDCWD, path, O_RDONLY, 0)
    if (fd < 0) return `open ${errno(fd)}`
    const rc = this.#clone(task, { flags: CLONE_INTO_CGROUP, cgroup: fd })
    this.#close(task, fd)
    return this.#made(name, rc)
  }

  #made(name: number, rc: number): string {
    if (rc < 0) return errno(rc)
    this.#processes.set(name, this.#kernel.machine.tasks.find(rc)!)
    this.#threads.delete(name)
    return 'ok'
  }

  #thread(actor: number, task: Task): string {
    const flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD
    const rc = this.#kernel.sys.clone(task, flags, 0, null, null, 0)
    this.#threads.delete(actor)
    if (rc < 0) return errno(rc)
    this.#threads.set(actor, this.#kernel.machine.tasks.find(rc)!)
    return 'ok'
  }

  #wait(task: Task, name: number): string {
    const child = this.#processes.get(name)
    const rc = this.#kernel.sys.wait4(task, child?.pid ?? 0, null, WNOHANG, null)
    if (rc > 0) {
      this.#processes.delete(name)
      this.#threads.delete(name)
    }
    return rc < 0 ? errno(rc) : rc > 0 ? 'ok' : '0'
  }
}
