/** The machine of one row of bpf-decide: LSMs in the row's order, a file, and the operations by name. */
import {
  AT_FDCWD, CAP_MAC_ADMIN, CAP_MAC_OVERRIDE, errnoName, O_CLOEXEC, O_CREAT, O_WRONLY, XATTR_NAME_SMACK, ownValue,
} from '@lsmkit/abi'
import { bpf, BpfLoadError } from '@lsmkit/bpf'
import type { BpfLsm } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Lsm, Profile, Stack, Task } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { smack } from '@lsmkit/smack'
import { callsOf, TaskWorld } from '../c/actor.ts'
import type { Calls } from '../c/actor.ts'
import { doubles } from '../doubles.ts'
import { bootOn } from '../kernel.ts'
import { bpfDecideOperations } from '../operations/bpf-decide.ts'
import { Stage } from '../operations/stage.ts'
import { constantProgram } from './constant-program.ts'

const encoder = new TextEncoder()
const WASM = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 10, 1, 0, 11, 1, 0)

const must = (rc: number, what: string): number => {
  if (rc < 0) throw new Error(`${what}: ${errnoName(rc)}`)
  return rc
}

const outcome = (rc: number): string => (rc < 0 ? errnoName(rc) : 'OK')
const noHelpers = () => ({})
/** Programs of two instructions, in megabytes where the default is hundreds: each row has a memory of its own. */
const SMALL = { readOnly: 1 << 20, data: 1 << 23 }
const loading = (load: () => number) => () => ({ load_program: load })

class DecideTask extends TaskWorld {
  readonly kernel: Kernel
  readonly task: Task
  readonly sys: Calls

  constructor(kernel: Kernel, task: Task) {
    super()
    this.kernel = kernel
    this.task = task
    this.sys = callsOf(kernel, task)
  }
}

export class DecideWorld {
  readonly kernel: Kernel
  readonly stack: Stack
  readonly programs: BpfLsm = bpf({ memory: SMALL })

  constructor(order: string, object: string, profile: Profile) {
    const make: Record<string, () => Lsm> = { ...doubles, capability, smack, bpf: () => this.programs }
    const names = order.split(',')
    this.stack = createStack({
      lsms: names.map((name) => ownValue(make, name)!()),
      config: order,
      kernelExact: true,
      profile,
    })
    this.kernel = bootOn(this.stack)
    this.#prepare(object)
  }

  /** Attaches a constant program; errnos of load and attach. */
  attach(name: string, hook: string, returns: number): { load: string; attach: string } {
    const { sys, init } = this.kernel
    // there a program that is loaded gets a descriptor, which may be refused
    const fd = sys.eventfd2(init, 0, 0)
    if (fd < 0) return { load: errnoName(fd), attach: 'OK' }
    sys.close(init, fd)
    try {
      this.programs.load(this.stack, constantProgram(name, hook, returns)).attachAll()
      return { load: 'OK', attach: 'OK' }
    } catch (error) {
      if (!(error instanceof BpfLoadError)) throw error
      return { load: errnoName(-error.errno), attach: 'OK' }
    }
  }

  /** As the recorder did: a pipe for the result, a child, the operation in the child. */
  run(name: string): string {
    const { sys, init, machine } = this.kernel
    if (!Object.hasOwn(bpfDecideOperations, name)) return 'absent'
    const { act } = bpfDecideOperations[name]!
    if (name === 'bpf') {
      const stage = new Stage(loading(() => this.#loadSomething()))
      return outcome(stage.steps(new DecideTask(this.kernel, init), act))
    }
    if (sys.pipe2(init, [0, 0], O_CLOEXEC) < 0) return 'pipe-failed'
    const pid = sys.fork(init)
    if (pid < 0) return 'fork-failed'
    const task = machine.tasks.find(pid)!
    this.#dropOverride(task)
    return outcome(new Stage(noHelpers).steps(new DecideTask(this.kernel, task), act))
  }

  #prepare(object: string): void {
    const { sys, init } = this.kernel
    must(sys.mkdir(init, '/w', 0o777), '/w')
    // the program that is executed is another file, which Smack allows to everybody
    for (const path of ['/w/f', '/w/x', '/w/u']) {
      const fd = must(sys.openat(init, AT_FDCWD, path, O_CREAT | O_WRONLY, 0o777), path)
      must(sys.write(init, fd, WASM), path)
      sys.close(init, fd)
    }
    if (object === 'plain') return
    const label = object === 'smack-denied' ? 'Other' : 'Open'
    must(sys.setxattr(init, '/w/f', XATTR_NAME_SMACK, encoder.encode(label), 0), label)
    if (object === 'smack-allowed') this.#write('/sys/fs/smackfs/load2', '_ Open rwxat')
  }

  #write(path: string, text: string): void {
    const { sys, init } = this.kernel
    const fd = must(sys.openat(init, AT_FDCWD, path, O_WRONLY, 0), path)
    must(sys.write(init, fd, encoder.encode(text)), path)
    sys.close(init, fd)
  }

  /** Smack asks only those who may not override it. */
  #dropOverride(task: Task): void {
    const { cred } = task
    for (const set of [cred.cap_effective, cred.cap_permitted]) {
      set.hi &= ~(1 << (CAP_MAC_OVERRIDE - 32))
      set.hi &= ~(1 << (CAP_MAC_ADMIN - 32))
    }
  }

  /** A program is loaded and thrown away: 0 or -errno. */
  #loadSomething(): number {
    try {
      this.programs.load(this.stack, constantProgram('last', 'file_open', 0)).attachAll()
      return 0
    } catch (error) {
      if (!(error instanceof BpfLoadError)) throw error
      return error.errno
    }
  }
}
