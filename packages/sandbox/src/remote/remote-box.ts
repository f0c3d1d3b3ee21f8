/** A box whose kernel is in the worker: each call is a message, and what the box asks is answered here. */
import type { BoxPort, BoxCallbacks, BoxReports, RunSpec, RunStreams, Running } from '../box-port.ts'
import type { Applied, ApplyOptions, Change, ChangesOptions } from '../cow/change.ts'
import type { Denial, Permit } from '../denial.ts'
import type { Access } from '../accesses.ts'
import { answerDevice } from '../devices.ts'
import type { DeviceRequest } from '../devices.ts'
import type { Explanation } from '../explain.ts'
import type { FsCall } from '../fs/fs-calls.ts'
import { answerFile, filesData } from '../late-files/contents.ts'
import { joinsKernel } from '../kernel-code.ts'
import type { Policy } from '../policy.ts'
import type { ComponentValue, GivenImports } from '@lsmkit/wasi'
import { SandboxError } from '../sandbox-error.ts'
import type { ShellRunning, ShellSource, ShellSpec } from '../shell.ts'
import type { Snapshot } from '../snapshot.ts'
import type { DialTarget } from '../hosts/dial.ts'
import { answerImport, importNames } from './import-calls.ts'
import { ServedRequests } from './http-calls.ts'
import { networkData, ServedStreams } from './network-calls.ts'
import { Rpc } from './rpc.ts'
import { kernelsUrl, startKernelThread } from './threads.ts'
import type { KernelProcess, KernelThread } from './threads.ts'

/** The worker that all boxes of this thread have in common, or a process that belongs to one box. */
class Kernels {
  readonly #boxes = new Map<number, BoxCallbacks>()
  readonly #runs = new Map<number, RunStreams>()
  /** Functions that runs may call. */
  readonly #imports = new Map<number, GivenImports>()
  readonly #streams = new ServedStreams()
  readonly #requests = new ServedRequests()
  readonly #thread: KernelThread
  #last = 0
  readonly rpc: Rpc

  constructor(thread: KernelThread, onEnd: () => void) {
    this.#thread = thread
    this.rpc = new Rpc(thread, {
      ready: () => {},
      denial: (id: number, denial: Denial) => this.#boxes.get(id)?.onDenial(denial),
      accesses: (id: number, accesses: readonly Access[]) => this.#boxes.get(id)?.onAccesses?.(accesses),
      device: (id: number, request: DeviceRequest) => answerDevice(this.#boxes.get(id)?.devices ?? {}, request),
      contents: (id: number, path: string) => answerFile(this.#boxes.get(id)?.files ?? {}, path),
      resolve: (id: number, name: string) => this.#boxes.get(id)?.network.resolve?.(name),
      connect: (id: number, key: number, to: DialTarget) =>
        this.#streams.open(key, this.#boxes.get(id)?.network.connect?.(to)),
      datagrams: (id: number, key: number, to: DialTarget) =>
        this.#streams.open(key, this.#boxes.get(id)?.network.datagrams?.(to)),
      receive: (key: number) => this.#streams.receive(key),
      send: (key: number, bytes: Uint8Array | null) => this.#streams.send(key, bytes),
      hangUp: (key: number) => this.#streams.hangUp(key),
      pull: (key: number) => this.#runs.get(key)?.pull() ?? null,
      import: (key: number, from: string, name: string | null, args: readonly ComponentValue[]) =>
        answerImport(this.#imports.get(key) ?? {}, from, name, args),
      push: (key: number, to: 'stdout' | 'stderr', bytes: Uint8Array) => this.#runs.get(key)?.push(to, bytes),
      ...this.#requests.handlers,
    })
    this.rpc.onBusy = (isBusy) => thread.hold(isBusy)
    thread.onEnd((cause) => {
      onEnd()
      this.rpc.end(new SandboxError('worker-ended', `the worker of the kernels has ended: ${cause.message}`, { cause }))
    })
  }

  number(outside: BoxCallbacks): number {
    this.#boxes.set(++this.#last, outside)
    return this.#last
  }

  forget(id: number): void {
    this.#boxes.delete(id)
    if (this.#boxes.size === 0) this.#thread.end?.()
  }

  outsideOf(id: number): BoxCallbacks {
    return this.#boxes.get(id)!
  }

  run(id: number, spec: RunSpec, streams: RunStreams): Running {
    const key = ++this.#last
    this.#runs.set(key, streams)
    const { imports } = spec
    if (imports !== null) this.#imports.set(key, imports)
    const names = imports === null ? null : importNames(imports)
    this.#requests.begin(key, streams.http ?? null)
    const end = this.rpc.call('run', id, key, { ...spec, imports: null }, names).finally(() => {
      this.#runs.delete(key)
      this.#imports.delete(key)
      this.#requests.over(key)
    }) as Running['end']
    return {
      end, kill: (signal) => this.rpc.tell('kill', key, signal), resize: (size) => this.rpc.tell('resize', key, size),
    }
  }

  sh(id: number, command: string, spec: ShellSpec): ShellRunning {
    const key = ++this.#last
    return {
      end: this.rpc.call('sh', id, key, command, spec) as ShellRunning['end'],
      stop: () => this.rpc.tell('stop', key),
    }
  }
}

/** Threads that boxes have in common, by the file that they were started with. */
const threads = new Map<string, Kernels>()

const sharedKernels = (url: URL): Kernels => {
  const found = threads.get(url.href)
  if (found !== undefined) return found
  const started = new Kernels(startKernelThread(url), () => threads.delete(url.href))
  threads.set(url.href, started)
  return started
}

/** The thread for boxes with such modules, and such a shell. */
const threadFor = (modules: readonly unknown[] | undefined, shell: ShellSource | null): Kernels =>
  sharedKernels(kernelsUrl(joinsKernel(modules, shell)))

/** Starts the thread of a box that may have no modules, and that is about to be opened. */
export const startAhead = (shell: ShellSource | null): void => void threadFor([], shell)

export class RemoteBox implements BoxPort {
  readonly #kernels: Kernels
  readonly #id: number
  #isClosed = false

  /** `start`: the box has a process of its own. */
  static async open(
    policy: Policy, outside: BoxCallbacks, shell: ShellSource | null, start: KernelProcess | null = null,
  ): Promise<RemoteBox> {
    const home = start === null ? threadFor(policy.modules, shell) : new Kernels(start(policy), () => {})
    const id = home.number(outside)
    try {
      const { network, devices, files, onAccesses } = outside
      const data = [Object.keys(devices), shell, networkData(network), filesData(files), onAccesses !== null]
      await home.rpc.call('open', id, policy, ...data)
    } catch (error) {
      home.forget(id)
      throw error
    }
    return new RemoteBox(home, id)
  }

  private constructor(home: Kernels, id: number) {
    this.#kernels = home
    this.#id = id
  }

  run(spec: RunSpec, streams: RunStreams): Running {
    this.#assertOpen()
    return this.#kernels.run(this.#id, spec, streams)
  }

  readonly fs: FsCall = async (choice, method, ...args) =>
    await this.#ask('fs', choice, method, args) as never

  async explain(): Promise<Explanation> {
    return await this.#ask('explain') as Explanation
  }

  async snapshot(): Promise<Snapshot> {
    return await this.#ask('snapshot') as Snapshot
  }

  async restore(snapshot: Snapshot): Promise<void> {
    await this.#ask('restore', snapshot)
  }

  async changes(options: ChangesOptions): Promise<readonly Change[]> {
    return await this.#ask('changes', options) as readonly Change[]
  }

  async apply(patterns: readonly string[], options: ApplyOptions): Promise<Applied> {
    return await this.#ask('apply', patterns, options) as Applied
  }

  async discard(): Promise<void> {
    await this.#ask('discard')
  }

  async with(permit: Permit, reports: BoxReports): Promise<RemoteBox> {
    this.#assertOpen()
    const next = this.#kernels.number({ ...this.#kernels.outsideOf(this.#id), ...reports })
    await this.#ask('with', next, permit)
    return new RemoteBox(this.#kernels, next)
  }

  sh(command: string, spec: ShellSpec): ShellRunning {
    this.#assertOpen()
    return this.#kernels.sh(this.#id, command, spec)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#kernels.rpc.call('close', this.#id).catch(() => {})
    this.#kernels.forget(this.#id)
  }

  /** Nobody has the box any more. */
  drop(): void {
    if (!this.#isClosed) void this.close()
  }

  async #ask(name: string, ...args: readonly unknown[]): Promise<unknown> {
    this.#assertOpen()
    return this.#kernels.rpc.call(name, this.#id, ...args)
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new SandboxError('closed', 'the box is closed')
  }
}
