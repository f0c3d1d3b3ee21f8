/** The machine of one row: a directory for everybody, rules, and the tasks that play the row's operation. */
import {
  _LINUX_CAPABILITY_VERSION_3, AT_FDCWD, capByName, capSetOf, errnoName, O_CREAT, O_RDWR, O_WRONLY,
  packUserCap, PR_SET_DUMPABLE, PR_SET_KEEPCAPS, XATTR_NAME_SMACK,
} from '@lsmkit/abi'
import type { Profile, Task } from '@lsmkit/core'
import { hostFormat } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { smack } from '@lsmkit/smack'
import { callsOf, TaskWorld } from '../c/actor.ts'
import type { Calls } from '../c/actor.ts'
import { bootOn, stackWith } from '../kernel.ts'
import type { Operation } from '../operations/operation.ts'
import { Stage } from '../operations/stage.ts'
import { helpers, PROGRAM } from './helpers.ts'
import { outcomeText } from './outcome.ts'

/** Uid of everybody who is not the hand that prepares. */
const USER = 1000
const encoder = new TextEncoder()

/** A task that may not carry the label, or an attribute that is not taken; the row says so instead of an answer. */
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

const must = (rc: number): number => {
  if (rc < 0) throw new PrepError(rc)
  return rc
}

export class SmackWorld extends TaskWorld {
  readonly kernel: Kernel
  readonly task: Task
  /** Calls of process 1, which prepares. */
  readonly sys: Calls
  override readonly must = must
  readonly row: SmackRow

  constructor(row: SmackRow, profile: Profile) {
    super()
    const sysctl = { protected_hardlinks: 0, dmesg_restrict: 0 }
    this.kernel = bootOn(stackWith([smack({ appendSignals: true })], { profile }), { sysctl })
    const { machine, init } = this.kernel
    const isProgram = (bytes: Uint8Array): boolean => PROGRAM.every((byte, i) => bytes[i] === byte)
    machine.exec.registerBinfmt(hostFormat(machine, 'row', isProgram, () => 0))
    this.row = row
    this.task = init
    this.sys = callsOf(this.kernel, init)
    const { sys } = this
    // standard input and output, as everybody has them
    for (let fd = 0; fd < 3; fd++) must(sys.openat(AT_FDCWD, '/dev/null', O_RDWR, 0))
    // who is forked from it has an image
    const program = must(sys.open('/program', O_CREAT | O_WRONLY, 0o755))
    must(sys.write(program, PROGRAM))
    must(sys.close(program))
    must(sys.execve('/program', ['program'], []))
    must(sys.mkdir('/w', 0o777))
    must(sys.mount('tmpfs', '/w', 'tmpfs', 0, 'mode=0777'))
    must(sys.setxattr('/w', XATTR_NAME_SMACK, encoder.encode('*'), 0))
    must(sys.chdir('/w'))
    must(sys.umask(0))
  }

  /** The outcome of the operation: errno, and the output beside it. */
  play(operation: Operation): readonly [rc: number, extra: string] {
    const { subject, object, privilege } = this.row
    this.rules()
    const stage = new Stage(helpers)
    stage.set('subject', subject)
    stage.set('object', object)
    const { rc, actor } = stage.play(this, operation, {
      other: () => this.person(object, 'none'), actor: () => this.person(subject, privilege),
    })
    return [rc, outcomeText(this, { rc, actor, stage }, operation.tells)]
  }

  rules(): void {
    const { subject, object, rule, extra_rule, ptrace_mode } = this.row
    const onlycap = /^onlycap=(.*)$/.exec(extra_rule)?.[1]
    if (rule !== '-') this.tell('load2', `${subject} ${object} ${rule}`)
    if (extra_rule !== '-' && onlycap === undefined) this.tell('load2', `${object} ${subject} ${extra_rule}`)
    this.tell('ptrace', ptrace_mode)
    if (onlycap !== undefined) this.tell('onlycap', `_ ${onlycap}`)
  }

  /** A child of process 1 with a label; throws PrepError when nobody may have it. */
  person(label: string, privilege: string): SmackWorld {
    const world = this.child()
    const { sys } = world
    const fd = must(sys.openat(AT_FDCWD, '/proc/self/attr/smack/current', O_WRONLY, 0))
    must(sys.write(fd, encoder.encode(label)))
    must(sys.close(fd))
    if (privilege !== 'none') must(sys.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
    must(sys.setgroups(0, []))
    must(sys.setresgid(USER, USER, USER))
    must(sys.setresuid(USER, USER, USER))
    const cap = capByName(`CAP_${privilege}`)
    const set = cap === undefined ? capSetOf() : capSetOf(cap)
    const data = packUserCap({ effective: set, permitted: set, inheritable: capSetOf() }, 2)
    must(sys.capset({ version: _LINUX_CAPABILITY_VERSION_3, pid: 0 }, data))
    must(sys.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0))
    return world
  }

  tell(name: string, text: string): void {
    const fd = must(this.sys.openat(AT_FDCWD, `/sys/fs/smackfs/${name}`, O_WRONLY, 0))
    must(this.sys.write(fd, encoder.encode(text)))
    must(this.sys.close(fd))
  }
}
