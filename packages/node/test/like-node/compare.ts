/** One call on node:fs in a folder of the host and on a task: answer, error and what is left, ready to compare. */
import * as nodeFs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { boot } from '../boot.ts'
import { taskFs } from '../../src/index.ts'

export type Fs = Readonly<Record<string, unknown>>
type Method = (...args: readonly unknown[]) => unknown

/** An argument that differs by file system: a path below its top, or a descriptor of its own. */
export class Given {
  readonly of: (fs: Fs, top: string) => unknown
  readonly text: string

  constructor(text: string, of: (fs: Fs, top: string) => unknown) {
    this.text = text
    this.of = of
  }
}
export const at = (name: string): Given => new Given(`at ${name}`, (_, top) => `${top}/${name}`)
export const bytesAt = (name: string): Given => new Given(`bytes of ${name}`, (_, top) => Buffer.from(`${top}/${name}`))
export const urlAt = (name: string): Given => new Given(`URL of ${name}`, (_, top) => pathToFileURL(`${top}/${name}`))
export const open = (name: string, flags = 'r+'): Given =>
  new Given(`${name} opened ${flags}`, (fs, top) => (fs['openSync'] as Method)(`${top}/${name}`, flags))
/** Made anew for each call, since calls may write to it. */
export const fresh = (make: () => unknown): Given => new Given('a buffer', make)

export type Row = readonly [call: string, ...args: unknown[]]
export const forms = ['sync', 'promises', 'callback'] as const
export type Form = (typeof forms)[number]

const argumentText = (value: unknown): string => {
  if (value instanceof Given) return value.text
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return String(value)
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner))
}
export const rowText = ([call, ...args]: Row): string => `${call}(${args.map(argumentText).join(', ')})`

const isStats = (value: object): boolean => 'isFIFO' in value
const near = 1e11
/** Bytes that are not read to compare them. */
const MUCH = 1e6

/** Without what differs between two file systems: numbers of inodes, times of now, sizes of directories. */
const stats = (value: object): unknown => {
  const { name, parentPath, mode, nlink, size, mtimeMs } = value as unknown as nodeFs.Dirent & nodeFs.Stats
  const one = value as nodeFs.Stats
  const isDir = one.isDirectory()
  return {
    keys: Object.keys(value).filter((key) => key !== 'path').toSorted(),
    name, parentPath, mode, size: isDir ? 'any' : size, nlink: isDir ? 'any' : nlink, type: typeof size,
    mtime: mtimeMs === undefined || Number(mtimeMs) < near ? mtimeMs : 'now',
    kinds: [one.isFile(), isDir, one.isSymbolicLink(), one.isFIFO(), one.isSocket(), one.isBlockDevice()],
  }
}

const errorOf = (error: Error & { readonly [field: string]: unknown }, top: string): unknown => {
  const { name, code, errno, syscall, path, dest, message } = error
  return { name, code, errno, syscall, path: plain(path, top), dest: plain(dest, top), message: plain(message, top) }
}

export const plain = (value: unknown, top: string): unknown => {
  if (typeof value === 'string') return value.replaceAll(top, 'TOP').replaceAll(/(?<=type number \()\d+(?=\))/g, 'N')
    .replaceAll(/\bt-[A-Za-z0-9]{6}\b/g, 't-RANDOM')
  if (value instanceof Error) return errorOf(value as never, top)
  if (Buffer.isBuffer(value)) return `bytes ${plain(value.toString('latin1'), top) as string}`
  if (Array.isArray(value)) return value.map((one) => plain(one, top)).toSorted(byText)
  if (typeof value !== 'object' || value === null) return value
  if (isStats(value)) return plain(Object.entries(stats(value) as object), top)
  // of statfs: how full a disk is differs
  if ('bavail' in value) return [Object.keys(value).toSorted(), typeof value.bavail]
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one, top)]))
}
const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

/** `exists` gives its answer in the place of an error. */
const answerOf = (call: string, first: unknown, results: readonly unknown[]): unknown => {
  if (call === 'exists') return first
  return results.length > 1 ? results : results[0]
}

const inForm = async (fs: Fs, form: Form, call: string, args: readonly unknown[]): Promise<unknown> => {
  if (form === 'sync') return (fs[`${call}Sync`] as Method)(...args)
  if (form === 'promises') return await (fs['promises'] as Record<string, Method>)[call]!(...args)
  return new Promise((resolve, reject) => {
    (fs[call] as Method)(...args, (error: Error | null, ...results: readonly unknown[]) =>
      (error instanceof Error ? reject(error) : resolve(answerOf(call, error, results))))
  })
}

export const hasForm = (fs: Fs, form: Form, call: string): boolean =>
  typeof (form === 'promises' ? fs['promises'] as Fs : fs)[form === 'sync' ? `${call}Sync` : call] === 'function'

const isOpened = (argument: unknown): boolean => argument instanceof Given && argument.text.includes(' opened ')

/** A descriptor, handle or directory, which is closed. */
const closed = async (fs: Fs, opened: unknown): Promise<string> => {
  if (typeof opened === 'number') (fs['closeSync'] as Method)(opened)
  else await (opened as nodeFs.Dir).close()
  return typeof opened
}

const outcome = async (fs: Fs, top: string, form: Form, [call, ...args]: Row): Promise<unknown> => {
  const given = args.map((one) => (one instanceof Given ? one.of(fs, top) : one))
  try {
    const answer = await inForm(fs, form, call, given)
    const buffers = given.map((one) => (Buffer.isBuffer(one) ? plain(one, top) : 0))
    return { answer: call === 'open' || call === 'opendir' ? await closed(fs, answer) : plain(answer, top), buffers }
  } catch (error) {
    return plain(error, top)
  } finally {
    // the descriptor that the row was given; `close` has closed it
    for (const [i, one] of args.entries()) if (isOpened(one) && call !== 'close') (fs['closeSync'] as Method)(given[i])
  }
}

/** Names, modes and contents below. */
export const tree = (fs: Fs, top: string, path = top): unknown[] => {
  const [lstat, read, list, link] = ['lstatSync', 'readFileSync', 'readdirSync', 'readlinkSync']
    .map((name) => fs[name] as Method) as [Method, Method, Method, Method]
  const found = lstat(path) as nodeFs.Stats
  const shown = plain(path, top)
  const mode = found.mode.toString(8)
  if (found.isSymbolicLink()) return [[shown, mode, plain(link(path), top)]]
  if (found.size > MUCH) return [[shown, mode, found.size]]
  if (!found.isDirectory()) return [[shown, mode, found.mtimeMs < near ? found.mtimeMs : 'now', read(path, 'latin1')]]
  return [[shown, mode], ...(list(path) as string[]).toSorted().flatMap((name) => tree(fs, top, join(path, name)))]
}

const fill = (fs: typeof nodeFs, top: string): void => {
  fs.mkdirSync(join(top, 'd/sub'), { recursive: true })
  fs.mkdirSync(join(top, 'e'))
  fs.writeFileSync(join(top, 'f'), 'text é')
  fs.writeFileSync(join(top, 'd/sub/g'), 'deep')
  fs.writeFileSync(join(top, 'd/h'), 'other')
  fs.writeFileSync(join(top, 'ro'), 'kept', { mode: 0o444 })
  for (const [to, name] of [['f', 'link'], ['d', 'dlink'], ['none', 'broken'], ['loop', 'loop']]) {
    fs.symlinkSync(to!, join(top, name!))
  }
  fs.utimesSync(join(top, 'f'), 1000, 2000)
}

type Side = 'node' | 'ours'
interface Outcomes {
  readonly node: unknown
  readonly ours: unknown
}
const isError = (came: unknown): boolean => typeof came === 'object' && came !== null && 'message' in came

/** Of a wrong argument Node's messages differ by form, since some come from its C++. */
const kindOf = (came: unknown): unknown => {
  const { name, code } = came as { readonly name: string; readonly code?: string }
  return { name, code }
}

/** Both sides of each row. */
export class Sides {
  readonly #home = nodeFs.mkdtempSync(join(tmpdir(), 'lsmkit-like-node-'))
  readonly #of: Readonly<Record<Side, Fs>>
  readonly #umask = process.umask(0o022)
  #count = 0
  /** A tree that no call has changed. */
  #clean: string | null = null

  constructor() {
    const { kernel, task } = boot()
    // the same user as on the host, or one without privilege
    const ours = taskFs(kernel, process.getuid?.() === 0 ? kernel.init : task)
    this.#of = { node: nodeFs as unknown as Fs, ours: ours as unknown as Fs }
  }

  /** On fresh trees, and with what is left of them. */
  async of(form: Form, row: Row): Promise<Outcomes> {
    const top = this.#made()
    const side = async (name: Side): Promise<unknown> =>
      ({ came: await outcome(this.#of[name], top, form, row), left: tree(this.#of[name], top) })
    const both = { node: await side('node'), ours: await side('ours') }
    this.#remove(top)
    return both
  }

  /** On a tree that is used again as long as both refuse. */
  async ofWrong(form: Form, row: Row): Promise<Outcomes> {
    const top = this.#clean ?? this.#made()
    const side = (name: Side): Promise<unknown> => outcome(this.#of[name], top, form, row)
    const [node, ours] = [await side('node'), await side('ours')]
    this.#clean = top
    if (isError(node) && isError(ours)) return { node: kindOf(node), ours: kindOf(ours) }
    this.#clean = null
    const left = { node: tree(this.#of.node, top), ours: tree(this.#of.ours, top) }
    this.#remove(top)
    return { node: { came: node, left: left.node }, ours: { came: ours, left: left.ours } }
  }

  end(): void {
    process.umask(this.#umask)
    nodeFs.rmSync(this.#home, { recursive: true, force: true })
  }

  #made(): string {
    const top = join(this.#home, String(++this.#count))
    for (const fs of Object.values(this.#of)) {
      (fs['mkdirSync'] as Method)(top, { recursive: true })
      fill(fs as unknown as typeof nodeFs, top)
    }
    return top
  }

  #remove(top: string): void {
    for (const fs of Object.values(this.#of)) (fs['rmSync'] as Method)(top, { recursive: true })
  }
}
