/**
 * Files whose contents the host gives when they are first opened, or asked for their size. Programs wait meanwhile;
 * calls of the host that cannot wait are made again when the contents are there (`whenThere`).
 */
import { EAGAIN, EIO, O_ACCMODE, O_CLOEXEC, O_RDONLY, O_RDWR, O_TRUNC, ownValue } from '@lsmkit/abi'
import type { Task } from '@lsmkit/core'
import { fdTable, fillLater, WaitQueue } from '@lsmkit/kernel/boot'
import type { Kernel } from '@lsmkit/kernel'
import { FileError, TaskFiles } from '@lsmkit/kernel/files'
import type { InodeNumbers, LinkGuard } from '../names/link-guard.ts'
import { SandboxError } from '../sandbox-error.ts'
import type { Snapshot } from '../snapshot.ts'
import { endTask, forked } from '../subject.ts'
import type { AskContents, FileAnswer, FilesData } from './contents.ts'

/** A question that has been asked, and the tasks that have not had its answer yet. */
interface Asked {
  answer: number | null
  readonly done: WaitQueue
  readonly settled: Promise<void>
}

interface LateFile {
  readonly key: string
  readonly fd: number
  readonly end: () => void
  asked: Asked | null
}

const isSnapshot = (from: FilesData | Snapshot): from is Snapshot => Array.isArray(from['entries'])

const key = ({ dev, ino }: InodeNumbers): string => `${dev}:${ino}`

export class LateFiles {
  readonly #kernel: Kernel
  readonly #ask: AskContents
  /** Keeps the files open. Nothing else is done by it, and no program is a child of it. */
  readonly #keeper: Task
  readonly #files: TaskFiles
  readonly #waiting = new Map<string, LateFile>()
  /** Of calls that are made by the box itself, which want the files as they are. */
  #isQuiet = false
  /** The question that a call has met last. */
  #met: Asked | null = null

  constructor(kernel: Kernel, guard: LinkGuard, ask: AskContents) {
    this.#kernel = kernel
    this.#ask = ask
    this.#keeper = forked(kernel, kernel.init)
    guard.own(this.#keeper)
    this.#files = new TaskFiles(kernel, this.#keeper)
  }

  /** The contents of the file at `path`, which is empty, are those of the function `name`. Throws FileError. */
  add(path: string, name: string): void {
    const fd = this.#files.open(path, O_RDWR | O_CLOEXEC)
    const file = fdTable(this.#keeper).get(fd)!
    const place = key(this.#files.fstat(fd))
    const late: LateFile = { key: name, fd, asked: null, end: fillLater(file, (flags) => this.#arrive(place, flags)) }
    this.#waiting.set(place, late)
  }

  /** Those of the functions in `files`, or those that a snapshot has. Throws FileError. */
  addAll(from: FilesData | Snapshot): void {
    if (isSnapshot(from)) {
      for (const { path, late } of from.entries) if (late !== undefined) this.add(path, late)
      return
    }
    for (const [path, contents] of Object.entries(from)) if (contents === null) this.add(path, path)
  }

  /** Throws SandboxError for a snapshot whose files are those of functions that the box has not. */
  checkRestorable({ entries }: Snapshot, files: FilesData): void {
    for (const { late } of entries) {
      if (late === undefined || ownValue(files, late) === null) continue
      throw new SandboxError('not-there', `the contents of \`${late}\` come from a function`, {
        place: 'restore', hint: `createSandbox({ files: { '${late}': () => … } })`,
      })
    }
  }

  /** The function that still has the contents of a file; null if they are there. */
  nameOf(stat: InodeNumbers): string | null {
    return this.#waiting.get(key(stat))?.key ?? null
  }

  /** Makes calls for which files without contents are empty. */
  quietly<T>(step: () => T): T {
    const before = this.#isQuiet
    this.#isQuiet = true
    try {
      return step()
    } finally {
      this.#isQuiet = before
    }
  }

  /** Makes a call of the host, again after each file that it had to wait for. */
  whenThere<T>(call: () => T): T | Promise<T> {
    try {
      const answer = call()
      return answer instanceof Promise ? answer.catch((error: unknown) => this.#again(error, call)) as T : answer
    } catch (error) {
      return this.#again(error, call)
    }
  }

  /** Settles when the contents of a program are there; null if nothing has to be waited for. */
  arrival(task: Task, path: string): Promise<unknown> | null {
    const files = new TaskFiles(this.#kernel, task)
    const stat = this.whenThere(() => files.exists(path) && files.stat(path))
    return stat instanceof Promise ? stat.catch(() => null) : null
  }

  /** Forgets all of them: what they are is in a snapshot. */
  forget(): void {
    for (const [place, late] of this.#waiting) this.#end(place, late)
  }

  close(): void {
    this.forget()
    endTask(this.#kernel, this.#kernel.init, this.#keeper)
  }

  async #again<T>(error: unknown, call: () => T): Promise<T> {
    const met = this.#met ?? [...this.#waiting.values()].find(({ asked }) => asked !== null)?.asked
    this.#met = null
    if (!met || !(error instanceof FileError) || error.errno !== -EAGAIN) throw error
    await met.settled
    return this.whenThere(call)
  }

  #arrive(place: string, flags: number): number {
    const late = this.#waiting.get(place)
    if (late === undefined || this.#isQuiet) return 0
    const isEmptied = (flags & O_TRUNC) !== 0 && (flags & O_ACCMODE) !== O_RDONLY
    if (isEmptied || this.quietly(() => this.#files.fstat(late.fd).size) > 0) {
      this.#end(place, late)
      return 0
    }
    const { asked } = late
    if (asked !== null && asked.answer !== null) {
      late.asked = null
      return asked.answer
    }
    late.asked ??= this.#question(place, late)
    this.#met = late.asked
    return this.#kernel.machine.sleep(late.asked.done)
  }

  #question(place: string, late: LateFile): Asked {
    const done = new WaitQueue()
    const answered = (answer: FileAnswer): void => {
      asked.answer = typeof answer === 'number' ? answer : this.#fill(late, answer)
      if (asked.answer === 0) this.#end(place, late)
      done.wake()
    }
    const settled = this.#ask(late.key).then(answered, () => answered(-EIO))
    const asked: Asked = { answer: null, done, settled }
    return asked
  }

  /** 0 or -errno; the file is empty then. */
  #fill({ fd }: LateFile, contents: Uint8Array): number {
    const { sys } = this.#kernel
    return this.quietly(() => {
      for (let at = 0; at < contents.length;) {
        const n = sys.pwrite64(this.#keeper, fd, contents.subarray(at), at)
        if (n > 0) at += n
        else {
          sys.ftruncate(this.#keeper, fd, 0)
          return n < 0 ? n : -EIO
        }
      }
      return 0
    })
  }

  #end(place: string, { fd, end }: LateFile): void {
    this.#waiting.delete(place)
    end()
    this.#kernel.sys.close(this.#keeper, fd)
  }
}
