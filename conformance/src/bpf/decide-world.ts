/** The machine of one row of bpf-decide: LSMs in the row's order, a file, and the operations by name. */
import {
  AT_FDCWD, CAP_MAC_ADMIN, CAP_MAC_OVERRIDE, errnoName, O_CREAT, O_RDONLY, O_WRONLY, PR_GET_DUMPABLE, SIGCONT,
  XATTR_NAME_SMACK,
} from '@lsmkit/abi'
import { bpf, BpfLoadError } from '@lsmkit/bpf'
import type { BpfLsm } from '@lsmkit/bpf'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { Lsm, Stack, Task } from '@lsmkit/core'
import { bootKernel, Kstat } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { smack } from '@lsmkit/smack'
import { doubles } from '../doubles.ts'
import { constantProgram } from './constant-program.ts'

const encoder = new TextEncoder()
const WASM = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 10, 1, 0, 11, 1, 0)

const must = (rc: number, what: string): number => {
  if (rc < 0) throw new Error(`${what}: ${errnoName(rc)}`)
  return rc
}

export class DecideWorld {
  readonly kernel: Kernel
  readonly stack: Stack
  readonly programs: BpfLsm = bpf()

  constructor(order: string, object: string) {
    const make: Record<string, () => Lsm> = { ...doubles, capability, smack, bpf: () => this.programs }
    const names = order.split(',')
    this.stack = createStack({
      lsms: names.map((name) => make[name]!()),
      config: order,
      kernelExact: true,
    })
    this.kernel = bootKernel({
      stack: this.stack,
      onPanic: (call, error) => {
        throw new Error(call, { cause: error })
      },
    })
    this.#prepare(object)
  }

  /** Attaches a constant program; errnos of load and attach. */
  attach(name: string, hook: string, returns: number): { load: string; attach: string } {
    try {
      this.programs.load(this.stack, constantProgram(name, hook, returns)).attachAll()
      return { load: 'OK', attach: 'OK' }
    } catch (error) {
      if (!(error instanceof BpfLoadError)) throw error
      return { load: errnoName(-error.errno), attach: 'OK' }
    }
  }

  /** As the recorder did: a pipe for the result, a child, the operation in the child. */
  run(operation: string): string {
    const { sys, init, machine } = this.kernel
    if (operation === 'bpf') return this.#loadSomething()
    if (sys.pipe2(init, [0, 0], 0) < 0) return 'pipe-failed'
    const pid = sys.fork(init)
    if (pid < 0) return 'fork-failed'
    const task = machine.tasks.find(pid)!
    this.#dropOverride(task)
    const rc = this.#operate(task, operation)
    return rc < 0 ? errnoName(rc) : 'OK'
  }

  #prepare(object: string): void {
    const { sys, init } = this.kernel
    must(sys.mkdir(init, '/w', 0o777), '/w')
    // the program that is executed is another file, which Smack allows to everybody
    for (const path of ['/w/f', '/w/x']) {
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

  #operate(task: Task, operation: string): number {
    const { sys } = this.kernel
    switch (operation) {
      case 'open': return sys.openat(task, AT_FDCWD, '/w/f', O_RDONLY, 0)
      case 'stat': return sys.stat(task, '/w/f', new Kstat())
      case 'mkdir': return sys.mkdir(task, '/w/d', 0o755)
      case 'unlink': return sys.unlink(task, '/w/f')
      case 'getxattr': return sys.getxattr(task, '/w/f', 'security.none', new Uint8Array(16))
      case 'setuid': return sys.setuid(task, 0)
      case 'kill': return sys.kill(task, task.pid, SIGCONT)
      case 'prctl': return sys.prctl(task, PR_GET_DUMPABLE, 0, 0, 0, 0)
      case 'exec': return sys.execve(task, '/w/x', ['/w/x'], [])
      default: throw new Error(`no operation \`${operation}\``)
    }
  }

  /** The bpf system call: a program is loaded and thrown away. */
  #loadSomething(): string {
    const { load } = this.attach('last', 'file_open', 0)
    return load
  }
}
