/** Random calls on node:fs in a folder of the host and on a task: the same answers, errors and trees. */
import * as nodeFs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { boot } from '../../test/boot.ts'
import { taskFs } from '../index.ts'
import type { TaskFs } from '../index.ts'

const SEEDS = 40
const CALLS = 80

/** Numbers from 0 to 1, the same for a seed (mulberry32). */
const randomOf = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

const names = ['a', 'b', 'c', 'd', 'd/x', 'd/y', 'd/e', 'd/e/f', 'l', 'm', 'a/z', 'l/x', 'é 名', 'd/', '.', 'a/']
const targets = ['a', 'd', 'nowhere', '../w', 'l', 'd/e', './m']
const contents = ['x', 'é€ 世界', '', Uint8Array.of(0, 255, 128, 10), new Uint16Array([1, 2])]

interface Operation {
  readonly method: string
  readonly args: readonly unknown[]
}

const operationOf = (random: () => number, top: string): Operation => {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const path = (): string | URL | Buffer => {
    const text = `${top}/${pick(names)}`
    return pick([text, text, text, Buffer.from(text), pathToFileURL(text)])
  }
  const [at, to, data] = [path(), path(), pick(contents)]
  const all = { force: true, recursive: true }
  return pick<Operation>([
    { method: 'access', args: [at, pick([undefined, 0, 4, 6])] },
    { method: 'appendFile', args: [at, data, pick([undefined, 'utf8', { flag: 'a' }, { mode: 0o600 }])] },
    { method: 'chmod', args: [at, pick([0o700, 0o755, 0o711])] },
    { method: 'copyFile', args: [at, to, pick([undefined, 0, 1])] },
    { method: 'link', args: [at, to] },
    { method: 'lstat', args: [at] },
    { method: 'lutimes', args: [at, 1, new Date(2e12)] },
    { method: 'mkdir', args: [at, pick([undefined, 0o700, { recursive: true }, { mode: 0o750 }])] },
    { method: 'mkdir', args: [at, { recursive: true }] },
    { method: 'readFile', args: [at, pick([undefined, 'utf8', 'hex', { encoding: 'base64' }, null])] },
    { method: 'readdir', args: [at, pick([undefined, 'utf8', { withFileTypes: true }, { recursive: false }])] },
    { method: 'readlink', args: [at] },
    { method: 'realpath', args: [at] },
    { method: 'rename', args: [at, to] },
    { method: 'rm', args: [at, pick([undefined, { recursive: true }, { force: true }, all])] },
    { method: 'rmdir', args: [at] },
    { method: 'stat', args: [at] },
    { method: 'symlink', args: [pick(targets), at] },
    { method: 'truncate', args: [at, pick([undefined, 0, 2, 9])] },
    { method: 'unlink', args: [at] },
    { method: 'utimes', args: [at, 1.5, pick([7, '9', new Date(3e12)])] },
    { method: 'writeFile', args: [at, data, pick([undefined, { flag: 'wx' }, { flag: 'r+' }, { mode: 0o640 }])] },
    { method: 'writeFile', args: [at, 'again'] },
  ])
}

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

/** An answer without what differs between two file systems. */
const plain = (value: unknown): unknown => {
  if (value instanceof Error) {
    const { name, code, errno, syscall, path, dest, message } = value as NodeJS.ErrnoException & { dest?: string }
    // its message has the path as it was given, a URL as one
    const short = { name, code, errno, syscall }
    return code === 'ERR_FS_EISDIR' ? short : { ...short, path, dest, message }
  }
  if (Array.isArray(value)) return value.map(plain).toSorted(byText)
  if (typeof value !== 'object' || value === null || !('isFIFO' in value)) return value
  const { name, parentPath, size, mode, nlink, mtimeMs } = value as unknown as nodeFs.Dirent & nodeFs.Stats
  const one = value as nodeFs.Stats
  const isDir = one.isDirectory()
  return {
    name, parentPath: String(parentPath), mode, size: isDir ? 0 : size, nlink: isDir ? 0 : nlink,
    mtime: mtimeMs < 1e10 || mtimeMs > 1.9e12 ? mtimeMs : 'now', kinds: [one.isFile(), isDir, one.isSymbolicLink()],
  }
}

/** What Node does by a way of its own, or tells in three ways. */
const isLeftOut = ({ method, args }: Operation): boolean =>
  (method === 'rm' || method === 'realpath') && /(\/|\/\.)$/.test(String(args[0]))

/** Of these Node tells the step that was refused, which differs by form: the code is compared. */
const tellsStep = new Set(['copyFile', 'realpath', 'rm'])
const makesMany = ({ method, args }: Operation): boolean =>
  method === 'mkdir' && (args[1] as { recursive?: boolean } | undefined)?.recursive === true

const seen = (one: Operation, answer: unknown): string => {
  const { method, args } = one
  const isError = typeof answer === 'object' && answer !== null && 'syscall' in answer
  // below a link that leads nowhere its forms tell three different mistakes
  if (isError && makesMany(one)) return 'an error'
  if (!isError || !tellsStep.has(method)) return JSON.stringify(answer) ?? 'undefined'
  const { code } = answer as NodeJS.ErrnoException
  // with `force` one form takes this for a file that is not there
  if (method === 'rm' && code === 'ENOTDIR' && (args[1] as { force?: boolean } | undefined)?.force) return 'undefined'
  return method === 'rm' && code !== 'ERR_FS_EISDIR' ? 'an error' : `${code}`
}

const sync = (on: object, { method, args }: Operation): unknown => {
  const call = (on as Record<string, (...args: readonly unknown[]) => unknown>)[`${method}Sync`]!
  try {
    return plain(call(...args))
  } catch (error) {
    return plain(error)
  }
}
const later = async (on: object, { method, args }: Operation): Promise<unknown> => {
  const call = (on as Record<string, (...args: readonly unknown[]) => Promise<unknown>>)[method]!
  return call(...args).then(plain, plain)
}
const called = (on: object, { method, args }: Operation): Promise<unknown> => new Promise((resolve) => {
  const call = (on as Record<string, (...args: readonly unknown[]) => void>)[method]!
  const given = args.at(-1) === undefined ? args.slice(0, -1) : args
  call(...given, (error: Error | null, result?: unknown) => resolve(plain(error ?? result)))
})

const forms = [
  ['sync', async (on: TaskFs, one: Operation) => sync(on, one)],
  ['promises', (on: TaskFs, one: Operation) => later(on.promises, one)],
  ['callbacks', (on: TaskFs, one: Operation) => called(on, one)],
] as const

/** Modes and contents of all below. Node's own recursion follows links now and then. */
const tree = (on: TaskFs, path: string): unknown[] => {
  const { mode, size } = on.lstatSync(path)
  if (on.lstatSync(path).isFile()) return [[path, mode, on.readFileSync(path, 'hex')]]
  if (!on.lstatSync(path).isDirectory()) return [[path, mode, size]]
  const below = on.readdirSync(path) as string[]
  return [[path, mode], ...below.toSorted().flatMap((name) => tree(on, join(path, name)))]
}

let home = ''
let umask = 0
beforeAll(() => {
  home = nodeFs.mkdtempSync(join(tmpdir(), 'lsmkit-node-'))
  umask = process.umask(0o022)
})
afterAll(() => {
  process.umask(umask)
  nodeFs.rmSync(home, { recursive: true, force: true })
})

test.each(forms)(`${SEEDS} runs of ${CALLS} calls: %s`, async (form, make) => {
  const host = nodeFs as unknown as TaskFs
  const compared = new Map<string, number>()
  for (let seed = 1; seed <= SEEDS; seed++) {
    const top = join(home, `${form}-${seed}`, 'w')
    const { kernel, task } = boot()
    const fs = taskFs(kernel, task)
    for (const on of [host, fs]) on.mkdirSync(top, { recursive: true })
    const random = randomOf(seed)
    for (let call = 0; call < CALLS; call++) {
      const one = operationOf(random, top)
      if (isLeftOut(one)) continue
      // Node makes the other file before it looks at what it copies
      const source = one.args[0] as string
      if (one.method === 'copyFile' && host.existsSync(source) && host.statSync(source).isDirectory()) continue
      const [expected, got] = [await make(host, one), await make(fs, one)]
      if (seen(one, got) !== seen(one, expected)) {
        expect(got, `seed ${seed}, call ${call}: ${one.method} ${one.args.map(String).join()}`).toEqual(expected)
      }
      compared.set(one.method, (compared.get(one.method) ?? 0) + 1)
    }
    expect(tree(fs, top), `seed ${seed}`).toEqual(tree(host, top))
  }
  expect(compared.size).toBe(21)
  expect(Math.min(...compared.values())).toBeGreaterThan(30)
})
