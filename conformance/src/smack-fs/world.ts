/** The machine of one row: a directory for everybody, a subject, a rule, and what a privileged hand has prepared. */
import {
  _LINUX_CAPABILITY_VERSION_3, AT_FDCWD, capByName, capSetOf, errnoName, O_CREAT, O_RDONLY, O_RDWR, O_WRONLY,
  packUserCap, PR_SET_DUMPABLE, PR_SET_KEEPCAPS, XATTR_NAME_SMACK,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Task } from '@lsmkit/core'
import { bootKernel, hostFormat } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { smack } from '@lsmkit/smack'

/** Uid of everybody who is not the hand that prepares. */
const USER = 1000
const encoder = new TextEncoder()
/** What a file starts with that can be executed. */
const PROGRAM = encoder.encode('\x7frow')

/** A task that may not carry the label; the row says so instead of an answer. */
export class PrepError extends Error {
  readonly rc: number

  constructor(rc: number) {
    super(`prep:${errnoName(rc)}`)
    this.rc = rc
  }
}

export interface SmackRow {
  readonly subject: string
  readonly object: string
  readonly rule: string
  readonly extra_rule: string
  readonly privilege: string
  readonly ptrace_mode: string
}

const must = (rc: number, what: string): number => {
  if (rc < 0) throw new Error(`${what}: ${errnoName(rc)}`)
  return rc
}

export class SmackWorld {
  readonly kernel: Kernel
  readonly row: SmackRow
  /** Has the label and the privilege of the row; forked once all is prepared, so that it inherits descriptors. */
  subject: Task

  constructor(row: SmackRow) {
    const stack = createStack({ lsms: [capability(), smack({ appendSignals: true })] })
    this.kernel = bootKernel({
      stack,
      sysctl: { protected_hardlinks: 0 },
      onPanic: (call, error) => {
        throw new Error(call, { cause: error })
      },
    })
    const { machine } = this.kernel
    const isProgram = (bytes: Uint8Array): boolean => PROGRAM.every((byte, i) => bytes[i] === byte)
    machine.exec.registerBinfmt(hostFormat(machine, 'row', isProgram, () => 0))
    this.row = row
    this.subject = this.kernel.init
    this.directory('/w', '*')
  }

  /** The hand that prepares: process 1. */
  get init(): Task {
    return this.kernel.init
  }

  /** A file that executes and does nothing. */
  program(name: string, label = this.row.object): string {
    const path = this.file(name, label, PROGRAM)
    must(this.kernel.sys.chmod(this.init, path, 0o777), path)
    return path
  }

  /** Executes it as the subject: the label afterwards. */
  execute(path: string): readonly [rc: number, extra?: string] {
    const { sys, init } = this.kernel
    const rc = sys.execve(this.subject, path, [path], [])
    if (rc < 0) return [rc]
    const fd = must(sys.openat(init, AT_FDCWD, `/proc/${this.subject.pid}/attr/current`, O_RDONLY, 0), path)
    const buf = new Uint8Array(256)
    const n = must(sys.read(init, fd, buf), path)
    return [rc, `label=${new TextDecoder().decode(buf.subarray(0, n)).replace(/\0$/, '')}`]
  }

  /** `/w/NAME`, with the label of the row's object unless another is given. */
  file(name: string, label = this.row.object, contents = encoder.encode('text')): string {
    const { sys, init } = this.kernel
    const path = `/w/${name}`
    const fd = must(sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY, 0o666), path)
    must(sys.write(init, fd, contents), path)
    must(sys.fchmod(init, fd, 0o666), path)
    must(sys.fchown(init, fd, USER, USER), path)
    must(sys.fsetxattr(init, fd, XATTR_NAME_SMACK, encoder.encode(label), 0), label)
    sys.close(init, fd)
    return path
  }

  directory(path: string, label = this.row.object): string {
    const { sys, init } = this.kernel
    must(sys.mkdirat(init, AT_FDCWD, path, 0o777), path)
    must(sys.fchmodat(init, AT_FDCWD, path, 0o777), path)
    must(sys.setxattr(init, path, XATTR_NAME_SMACK, encoder.encode(label), 0), label)
    return path
  }

  /** A descriptor of the subject that a privileged parent has opened. */
  opened(path: string): number {
    return must(this.kernel.sys.openat(this.kernel.init, AT_FDCWD, path, O_RDWR, 0), path)
  }

  /** Somebody else, of the same user, with the object's label. Throws PrepError when nobody may have it. */
  other(): Task {
    return this.person(this.row.object, 'none')
  }

  /** Rules, settings and the subject: what is prepared is prepared. */
  start(): Task {
    const { subject, object, rule, extra_rule, privilege, ptrace_mode } = this.row
    const onlycap = /^onlycap=(.*)$/.exec(extra_rule)?.[1]
    if (rule !== '-') this.tell('load2', `${subject} ${object} ${rule}`)
    if (extra_rule !== '-' && onlycap === undefined) this.tell('load2', `${object} ${subject} ${extra_rule}`)
    this.tell('ptrace', ptrace_mode)
    this.subject = this.person(subject, privilege)
    if (onlycap !== undefined) this.tell('onlycap', `_ ${onlycap}`)
    return this.subject
  }

  /** The label of a file as the hand sees it. */
  labelOf(path: string): string {
    const buf = new Uint8Array(256)
    const n = must(this.kernel.sys.lgetxattr(this.kernel.init, path, XATTR_NAME_SMACK, buf), path)
    return new TextDecoder().decode(buf.subarray(0, n))
  }

  private person(label: string, privilege: string): Task {
    const { sys, init, machine } = this.kernel
    const task = machine.tasks.find(must(sys.fork(init), 'fork'))!
    const rc = this.writeAs(task, '/proc/self/attr/current', label)
    if (rc < 0) throw new PrepError(rc)
    must(sys.prctl(task, PR_SET_KEEPCAPS, 1, 0, 0, 0), 'keepcaps')
    must(sys.setgroups(task, 0, []), 'setgroups')
    must(sys.setresgid(task, USER, USER, USER), 'setresgid')
    must(sys.setresuid(task, USER, USER, USER), 'setresuid')
    const cap = capByName(`CAP_${privilege}`)
    const set = cap === undefined ? capSetOf() : capSetOf(cap)
    const data = packUserCap({ effective: set, permitted: set, inheritable: capSetOf() }, 2)
    must(sys.capset(task, { version: _LINUX_CAPABILITY_VERSION_3, pid: 0 }, data), 'capset')
    must(sys.prctl(task, PR_SET_DUMPABLE, 1, 0, 0, 0), 'dumpable')
    return task
  }

  private tell(name: string, text: string): void {
    must(this.writeAs(this.kernel.init, `/sys/fs/smackfs/${name}`, text), name)
  }

  writeAs(task: Task, path: string, text: string): number {
    const { sys } = this.kernel
    const fd = sys.openat(task, AT_FDCWD, path, O_WRONLY, 0)
    if (fd < 0) return fd
    const rc = sys.write(task, fd, encoder.encode(text))
    sys.close(task, fd)
    return rc
  }

  readAs(task: Task, path: string): number {
    const { sys } = this.kernel
    const fd = sys.openat(task, AT_FDCWD, path, O_RDONLY, 0)
    if (fd < 0) return fd
    const rc = sys.read(task, fd, new Uint8Array(4096))
    sys.close(task, fd)
    return rc
  }
}
