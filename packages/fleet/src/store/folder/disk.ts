/** Files and directories that are whole or not there, and that a loss of power leaves so. */
import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** What is left in `tmp` for so long belongs to nobody. */
const OLD_MS = 3_600_000

export const codeOf = (error: unknown): string => (error as { code?: string } | null)?.code ?? ''

/** Null where there is no such file or directory. */
export const orNull = async <T>(result: Promise<T>): Promise<T | null> => {
  try {
    return await result
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null
    throw error
  }
}

export const namesIn = async (path: string): Promise<readonly string[] | null> => orNull(readdir(path))

export const randomName = (): string => randomBytes(8).toString('hex')

/** Makes the names in a directory last. Windows has no such call and needs none. */
export const syncFolder = async (path: string): Promise<void> => {
  if (process.platform === 'win32') return
  const handle = await orNull(open(path, 'r'))
  if (handle === null) return
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A store's folder, with the room where files are made before they have their name. */
export class Disk {
  readonly root: string
  readonly #tmp: string

  constructor(root: string) {
    this.root = root
    this.#tmp = join(root, 'tmp')
  }

  /** Makes the folder, and clears away what ended processes have left. */
  async open(): Promise<void> {
    await mkdir(this.#tmp, { recursive: true, mode: 0o700 })
    for (const name of await readdir(this.#tmp)) {
      const path = join(this.#tmp, name)
      const found = await orNull(stat(path))
      if (found !== null && Date.now() - found.mtimeMs > OLD_MS) await rm(path, { recursive: true, force: true })
    }
  }

  /** A file without a name yet, with its bytes on the disk. */
  async draft(bytes: Uint8Array): Promise<string> {
    const path = join(this.#tmp, `${process.pid}-${randomName()}`)
    const handle = await open(path, 'wx', 0o600)
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    return path
  }

  /** Gives a draft a name that nobody has. False where somebody has it, or its directory is gone. */
  async claim(draft: string, path: string): Promise<boolean> {
    try {
      await link(draft, path)
      return true
    } catch (error) {
      if (['EEXIST', 'ENOENT', 'ENOTDIR'].includes(codeOf(error))) return false
      throw error
    }
  }

  /** Puts other bytes into a file that is there. One whose directory is gone is left. */
  async replace(path: string, bytes: Uint8Array): Promise<void> {
    const draft = await this.draft(bytes)
    if (await orNull(rename(draft, path).then(() => true)) === null) await this.drop(draft)
  }

  /** Takes a directory away: at no time is half of it under its name. */
  async discard(path: string): Promise<void> {
    const old = join(this.#tmp, `${process.pid}-${randomName()}`)
    if (await orNull(rename(path, old).then(() => true)) === null) return
    await rm(old, { recursive: true, force: true })
  }

  async drop(draft: string): Promise<void> {
    await rm(draft, { force: true })
  }

  async read(path: string): Promise<Uint8Array | null> {
    return orNull(readFile(path))
  }
}
