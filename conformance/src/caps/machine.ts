/** A kernel with capability alone, in which each row's process is made, makes its call, and is looked at. */
import {
  AT_FDCWD, AT_SECURE, capAssign, CLONE_FS, errnoName, MS_NOSUID, O_CREAT, O_WRONLY, PFA_NO_NEW_PRIVS, PR_GET_AUXV,
  SIGCHLD, XATTR_NAME_CAPS,
} from '@lsmkit/abi'
import type { Profile, Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { bootOn, stackWith } from '../kernel.ts'
import type { ProgramFile } from './program.ts'
import type { ProcessState } from './state.ts'

/** The smallest WebAssembly module: what it would do does not matter, it is only started. */
const PROGRAM = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00)

export interface ExecOutcome {
  readonly rc: number
  /** AT_SECURE in the auxiliary vector of the new program. */
  readonly atSecure: boolean
}

export interface ExecOptions {
  readonly nosuid?: boolean
  /** Another process shares the fs structure. */
  readonly sharedFs?: boolean
}

/** The setting up of a row has failed: not a difference, but a mistake here. */
const must = (rc: number, what: string): number => {
  if (rc < 0) throw new Error(`${what}: ${errnoName(rc)}`)
  return rc
}

export class CapsMachine {
  readonly kernel: Kernel

  constructor(profile: Profile) {
    const mounts = [
      { type: 'proc', target: '/proc' },
      { type: 'tmpfs', target: '/plain', data: 'mode=755' },
      { type: 'tmpfs', target: '/nosuid', data: 'mode=755', flags: MS_NOSUID },
    ]
    this.kernel = bootOn(stackWith([], { profile }), { usualMounts: false, mounts })
  }

  /** A process in this state: a child, of init unless given, with credentials as given. */
  start(state: ProcessState, parent: Task = this.kernel.init): Task {
    const { sys, machine } = this.kernel
    const task = machine.tasks.find(must(sys.fork(parent), 'fork'))!
    const { cred } = task
    ;[cred.uid, cred.euid, cred.suid, cred.fsuid] = state.uid
    ;[cred.gid, cred.egid, cred.sgid, cred.fsgid] = state.gid
    cred.group_info = { gid: state.groups.toSorted((a, b) => a - b) }
    capAssign(cred.cap_permitted, state.P)
    capAssign(cred.cap_inheritable, state.I)
    capAssign(cred.cap_effective, state.E)
    capAssign(cred.cap_ambient, state.A)
    capAssign(cred.cap_bset, state.B)
    cred.securebits = state.securebits
    if (state.nnp) task.atomic_flags |= PFA_NO_NEW_PRIVS
    return task
  }

  /** The privileges of the process now. */
  state({ cred, atomic_flags }: Task): ProcessState {
    return {
      uid: [cred.uid, cred.euid, cred.suid, cred.fsuid],
      gid: [cred.gid, cred.egid, cred.sgid, cred.fsgid],
      groups: cred.group_info.gid,
      P: cred.cap_permitted,
      I: cred.cap_inheritable,
      E: cred.cap_effective,
      A: cred.cap_ambient,
      B: cred.cap_bset,
      securebits: cred.securebits,
      nnp: (atomic_flags & PFA_NO_NEW_PRIVS) !== 0,
    }
  }

  /** Makes a program file, as root does it: owner first, because a change of owner takes set-id bits away. */
  makeFile(path: string, { uid, gid, mode, caps }: ProgramFile): void {
    const { sys, init } = this.kernel
    const fd = must(sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY, 0o755), path)
    must(sys.write(init, fd, PROGRAM), 'write')
    must(sys.close(init, fd), 'close')
    must(sys.chown(init, path, uid, gid), 'chown')
    must(sys.chmod(init, path, mode), 'chmod')
    if (caps !== null) must(sys.setxattr(init, path, XATTR_NAME_CAPS, caps, 0), 'setxattr')
  }

  /** Has `task` execute the program. */
  exec(task: Task, program: ProgramFile, { nosuid = false, sharedFs = false }: ExecOptions = {}): ExecOutcome {
    const { sys, init } = this.kernel
    const path = nosuid ? '/nosuid/program' : '/plain/program'
    this.makeFile(path, program)
    const sharer = sharedFs ? must(sys.clone(task, CLONE_FS | SIGCHLD, 0, null, null, 0), 'clone') : 0
    const rc = sys.execve(task, path, [path], [])
    if (sharer !== 0) this.end(this.kernel.machine.tasks.find(sharer)!, task)
    must(sys.unlink(init, path), 'unlink')
    return { rc, atSecure: rc === 0 && this.#auxv(task, AT_SECURE) !== 0 }
  }

  #auxv(task: Task, type: number): number {
    const found = { value: new Uint8Array(0) }
    must(this.kernel.sys.prctl(task, PR_GET_AUXV, found, 4096, 0, 0), 'PR_GET_AUXV')
    const words = new BigUint64Array(found.value.slice().buffer)
    const at = words.findIndex((word, i) => i % 2 === 0 && word === BigInt(type))
    return Number(words[at + 1])
  }

  end(task: Task, parent: Task = this.kernel.init): void {
    const { sys } = this.kernel
    sys.exit_group(task, 0)
    must(sys.wait4(parent, task.pid, null, 0, null), 'wait4')
  }
}
