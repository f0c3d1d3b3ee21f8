/** A path argument of a tool, opened by the kernel before the tool runs: what it may do is done on the descriptor. */
import { ENOENT, O_APPEND, O_CREAT, O_DIRECTORY, O_RDONLY, O_TRUNC, O_WRONLY } from '@lsmkit/abi'
import type { Kstat } from '@lsmkit/kernel'
import { FileError } from '@lsmkit/kernel/files'
import type { DirectoryEntry, TaskFiles } from '@lsmkit/kernel/files'

const flags = {
  read: O_RDONLY,
  write: O_WRONLY | O_CREAT | O_TRUNC,
  append: O_WRONLY | O_CREAT | O_APPEND,
  directory: O_RDONLY | O_DIRECTORY,
}

/** The purpose of opening a path. */
export type PathUse = keyof typeof flags

/** A descriptor of the tool's own task. It is closed when the call ends. */
export class OpenFile {
  readonly path: string
  readonly fd: number
  readonly #files: TaskFiles

  /** Throws FileError. */
  constructor(files: TaskFiles, path: string, use: PathUse) {
    // the kernel would take what is before it for the whole
    if (path.includes('\0')) throw new FileError(-ENOENT, 'open', path)
    this.path = path
    this.#files = files
    this.fd = files.open(path, flags[use])
  }

  /** Throws FileError; EFBIG where the file has more than `most` bytes, or no end. */
  readAll(most?: number): Uint8Array<ArrayBuffer> {
    return this.#files.readAll(this.fd, this.path, most)
  }

  write(bytes: Uint8Array): void {
    this.#files.writeAll(this.fd, bytes, this.path)
  }

  stat(): Kstat {
    return this.#files.fstat(this.fd)
  }

  /** Of a directory. */
  entries(): DirectoryEntry[] {
    return this.#files.entries(this.fd, this.path)
  }

  /** Of a name in it. */
  statOf(name: string): Kstat {
    return this.#files.statAt(this.fd, name)
  }

  close(): void {
    this.#files.close(this.fd)
  }
}
