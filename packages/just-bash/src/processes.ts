/** The processes of one command line, where the kernel is. Nothing of them is left when it is closed. */
import { O_DIRECTORY, O_RDONLY } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import type { ExecImage, Kernel } from '@lsmkit/kernel'
import { FileError, TaskFiles } from '@lsmkit/kernel/files'
import type { AskFile, FileMethod } from './file-calls.ts'
import { asking } from './kernel-fs.ts'
import { KernelFiles } from './kernel-files.ts'
import { end, spawn } from './process.ts'
import { isProgram } from './program-files.ts'
import { namesOf, starts } from './program-kinds.ts'
import type { CommandNames } from './program-kinds.ts'
import type {
  Env, FetchAnswer, FetchRequest, NotSpawned, ProgramInput, ProgramOutput, ShellCalls, Spawned,
} from './shell-calls.ts'

/** `Inside.fetch` of a box. */
export type FetchForTask = (task: Task, request: FetchRequest, signal?: AbortSignal) => Promise<FetchAnswer>
/** Makes a call again each time that it had to wait for the contents of a file. */
export type WhenThere = <T>(call: () => T) => T | Promise<T>
export type RunProgram = (task: Task, image: ExecImage, input: ProgramInput) => Promise<ProgramOutput>

interface Process {
  readonly task: Task
  readonly image: ExecImage
  readonly files: AskFile
}

const KILLED = 137
const fileMethods = new Set<string>(Object.getOwnPropertyNames(KernelFiles.prototype))
fileMethods.delete('constructor')

export class Processes implements ShellCalls {
  readonly run: ShellCalls['run']
  readonly #kernel: Kernel
  readonly fetch: ShellCalls['fetch']
  readonly #runProgram: RunProgram | null
  readonly #whenThere: WhenThere
  readonly #names: CommandNames
  readonly #processes = new Map<number, Process>()
  readonly #stop = new AbortController()
  /** The contents of /bin when a process looked last; empty for a process that may not list it. */
  #others: { readonly state: string; readonly names: readonly string[] } = { state: '', names: [] }

  constructor(
    kernel: Kernel, names: CommandNames, runProgram: RunProgram | null, fetch: FetchForTask | null,
    whenThere: WhenThere = (call) => call(),
  ) {
    this.#kernel = kernel
    this.#names = names
    this.#whenThere = whenThere
    this.#runProgram = runProgram
    this.fetch = fetch === null ? null
      : (pid, request) => fetch(this.#process(pid).task, request, this.#stop.signal)
    this.run = runProgram === null ? null : (pid, input) => this.#run(runProgram, pid, input)
  }

  /** The shell itself, a child of `task`. */
  start(task: Task, argv: readonly string[], env: Env, cwd: string): Spawned | NotSpawned {
    return this.#spawn(task, argv, env, cwd)
  }

  spawn(parent: number, argv: readonly string[], env: Env, cwd: string): Spawned | NotSpawned {
    return this.#spawn(this.#process(parent).task, argv, env, cwd)
  }

  end(pid: number, status: number): number {
    const { task } = this.#process(pid)
    this.#processes.delete(pid)
    return end(this.#kernel, task, status)
  }

  filesOf(pid: number): AskFile {
    return this.#process(pid).files
  }

  /** The operation of that name, which comes from another thread. */
  file(pid: number, method: FileMethod, args: readonly unknown[]): unknown {
    if (!fileMethods.has(method)) throw new Error(`there is no operation ${method}`)
    return this.#process(pid).files(method, ...args as Parameters<KernelFiles[FileMethod]>)
  }

  /** The line is over, however it has ended: what still goes on ends too. */
  close(): void {
    // without a reason of ours an error would be made for each line
    this.#stop.abort('the line is over')
    for (const { task } of [...this.#processes.values()].toReversed()) end(this.#kernel, task, KILLED)
    this.#processes.clear()
  }

  #process(pid: number): Process {
    const found = this.#processes.get(pid)
    if (found === undefined) throw new Error(`the line has no process ${pid}`)
    return found
  }

  #spawn(parent: Task, argv: readonly string[], env: Env, cwd: string): Spawned | NotSpawned {
    const spawned = spawn(this.#kernel, parent, argv, env, cwd)
    if (!('task' in spawned)) return spawned
    const { task, image } = spawned
    const ask = asking(new KernelFiles(this.#kernel, task, () => this.#stop.signal.aborted))
    const files = ((method, ...args) => this.#whenThere(() => ask(method, ...args))) as AskFile
    this.#processes.set(task.pid, { task, image, files })
    const isOurs = image.kind === 'native' && isProgram(image.program)
    const program = isOurs ? image.file.f_path.dentry.d_name.name : null
    return {
      pid: task.pid, uid: task.cred.uid, gid: task.cred.gid, argv: image.argv, program,
      others: program === null || starts(program) ? this.#othersOf(task) : [],
    }
  }

  /** Programs of the tree that just-bash does not have, by the names that the task can see. */
  #othersOf(task: Task): readonly string[] {
    if (this.#runProgram === null) return []
    const files = new TaskFiles(this.#kernel, task)
    try {
      const fd = files.open('/bin', O_RDONLY | O_DIRECTORY)
      try {
        const { dev, ino, ctime_sec, ctime_nsec, size } = files.fstat(fd)
        const state = `${dev} ${ino} ${ctime_sec}.${ctime_nsec} ${size}`
        if (this.#others.state !== state) {
          const commands = new Set(namesOf(this.#names, true))
          const names = files.entries(fd, '/bin').map(({ name }) => name).filter((name) => !commands.has(name))
          this.#others = { state, names }
        }
        return this.#others.names
      } finally {
        files.close(fd)
      }
    } catch (error) {
      if (error instanceof FileError) return []
      throw error
    }
  }

  async #run(runProgram: RunProgram, pid: number, input: ProgramInput): Promise<ProgramOutput> {
    const { task, image } = this.#process(pid)
    const { signal } = input
    const ends = [this.#stop.signal, ...(signal === undefined ? [] : [signal])]
    return runProgram(task, image, { ...input, signal: AbortSignal.any(ends) })
  }
}
