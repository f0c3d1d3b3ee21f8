/** How a program runs in a box: what it executes, its streams, folders and limits. */
import { AT_FDCWD, O_DIRECTORY, O_PATH, S_IFDIR, S_IFMT } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { Kstat } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import { TaskFiles } from '@lsmkit/kernel/files'
import type { WasiOptions } from '@lsmkit/wasi'
import { guestLimits, limitNumbers } from '@lsmkit/wasi/limits'
import type { Limits } from '@lsmkit/wasi/limits'
import type { RunSpec, RunStreams } from './box-port.ts'
import { givenOver } from './given-over.ts'
import type { Policy } from './policy.ts'
import { compiled } from './programs.ts'
import { runClock } from './run-clock.ts'
import { requestFor } from './served-run.ts'
import { pullSource, pushSink } from './streams.ts'

const requestOf = ({ request }: RunSpec, { http = null }: RunStreams): Pick<WasiOptions, 'request'> =>
  (request === null || http === null ? {} : { request: requestFor(request, http) })

export class GuestOptions {
  readonly #kernel: Kernel
  readonly #hand: Task
  readonly #policy: Policy
  readonly #waiting: 'suspended' | 'workers'
  /** Limits of each run that gives no limits. */
  #limits: Limits | null = null

  /** `hand` is the task that the box looks at files with. */
  constructor(kernel: Kernel, hand: Task, policy: Policy, waiting: 'suspended' | 'workers') {
    this.#kernel = kernel
    this.#hand = hand
    this.#policy = policy
    this.#waiting = waiting
  }

  of(spec: RunSpec, streams: RunStreams, stop: { isOver: boolean }): WasiOptions {
    const policy = this.#policy
    const waiting = this.#waiting
    // a guest in a thread of its own is ended with it, whatever it computes
    const own = waiting === 'workers' ? { ...guestLimits, loops: false } : guestLimits
    this.#limits ??= limitNumbers(givenOver<Limits>(own, policy.limits))
    const limits = givenOver(this.#limits, spec.limits)
    return {
      program: typeof spec.program === 'string' ? spec.program : compiled(spec.program, limits, waiting),
      argv: spec.argv, env: { ...policy.env, ...spec.env },
      ...(spec.terminal === null ? {
        stdin: pullSource(streams.pull, stop),
        stdout: pushSink((bytes) => streams.push('stdout', bytes)),
        stderr: pushSink((bytes) => streams.push('stderr', bytes)),
      } : {}),
      tty: spec.tty, preopens: this.#preopens(spec.cwd), posix: spec.posix, syscalls: spec.syscalls, waiting, limits,
      host: { now: runClock }, ...requestOf(spec, streams),
      ...(spec.imports === null ? {} : { imports: spec.imports }),
    }
  }

  /** `.` is where the program begins; libc takes the longest name that fits, so the rest is named by its tops. */
  #preopens(cwd: string): Record<string, string> {
    if (cwd === '/') return { '/': '/' }
    const { sys, init } = this.#kernel
    const hand = this.#hand
    const fs = new TaskFiles(this.#kernel, hand)
    const stat = new Kstat()
    const tops = fs.readdir('/').filter(({ name }) =>
      sys.stat(init, `/${name}`, stat) === 0 && (stat.mode & S_IFMT) === S_IFDIR &&
      this.#canOpen(`/${name}`)).map(({ name }) => [`/${name}`, `/${name}`] as const)
    return { ...Object.fromEntries(tops), '.': cwd }
  }

  #canOpen(path: string): boolean {
    const { sys } = this.#kernel
    const fd = sys.openat(this.#hand, AT_FDCWD, path, O_PATH | O_DIRECTORY, 0)
    if (fd >= 0) sys.close(this.#hand, fd)
    return fd >= 0
  }
}
