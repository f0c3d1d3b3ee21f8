/** The same calls on node:fs in a folder of the host and on a task: the same answers, the same errors. */
import * as nodeFs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { EACCES } from '@lsmkit/abi'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { boot } from '../../test/boot.ts'
import { taskFs } from '../index.ts'
import type { TaskFs } from '../index.ts'

type Fs = typeof nodeFs

let top = ''
let fs: TaskFs

beforeEach(() => {
  top = nodeFs.mkdtempSync(join(tmpdir(), 'lsmkit-node-'))
  const { kernel, task } = boot()
  fs = taskFs(kernel, task)
  fs.mkdirSync(top, { recursive: true })
  for (const on of [nodeFs as unknown as TaskFs, fs]) {
    on.writeFileSync(join(top, 'f'), 'text é')
    on.mkdirSync(join(top, 'd/sub'), { recursive: true })
    on.writeFileSync(join(top, 'd/sub/g'), 'deep')
    on.symlinkSync('f', join(top, 'link'))
  }
})
afterEach(() => nodeFs.rmSync(top, { recursive: true, force: true }))

/** An answer without what differs between two file systems. */
const plain = (value: unknown): unknown => {
  if (value instanceof Error) {
    const { code, syscall, path, dest, message } = value as NodeJS.ErrnoException & { dest?: string }
    return { code, syscall, path, dest, message }
  }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null && 'isFIFO' in value) {
    const { name, parentPath, size, mode, nlink, mtimeMs } = value as unknown as nodeFs.Dirent & nodeFs.Stats
    const one = value as nodeFs.Stats
    const isDir = one.isDirectory()
    return {
      name, parentPath, mode, mtimeMs: Math.trunc((mtimeMs ?? 0) / 1e6), size: isDir ? 0 : size,
      nlink: isDir ? 0 : nlink,
      kinds: [one.isFile(), isDir, one.isSymbolicLink(), one.isFIFO(), one.isSocket(), one.isBlockDevice()],
    }
  }
  return value
}

type Calls = (on: Fs, at: (name: string) => string) => unknown
const cases: readonly (readonly [name: string, calls: Calls])[] = [
  ['readFile', (on, at) =>
    [on.readFileSync(at('f'), 'utf8'), on.readFileSync(at('f')), on.readFileSync(at('f'), { encoding: 'hex' })]],
  ['readFile of nothing', (on, at) => on.readFileSync(at('none'))],
  ['readFile of a directory', (on, at) => on.readFileSync(at('d'))],
  ['writeFile', (on, at) => [on.writeFileSync(at('f'), 'new'), on.readFileSync(at('f'), 'utf8')]],
  ['writeFile of what is there', (on, at) => on.writeFileSync(at('f'), '', { flag: 'wx' })],
  ['writeFile of bytes', (on, at) => [on.writeFileSync(at('b'), new Uint16Array([1, 2])), on.readFileSync(at('b'))]],
  ['appendFile', (on, at) => [on.appendFileSync(at('f'), '!'), on.readFileSync(at('f'), 'utf8')]],
  ['a descriptor', (on, at) => {
    const fd = on.openSync(at('f'), 'r+')
    const part = Buffer.alloc(4)
    const answers = [on.readSync(fd, part, 1, 2, 1), part, on.writeSync(fd, Buffer.from('XY'), 0, 2, 0)]
    on.ftruncateSync(fd, 3)
    const stat = on.fstatSync(fd)
    on.closeSync(fd)
    return [...answers, stat, on.readFileSync(at('f'), 'utf8')]
  }],
  ['parts and strings of a descriptor', (on, at) => {
    const fd = on.openSync(at('f'), 'w+')
    const [a, b] = [Buffer.alloc(3), Buffer.alloc(4)]
    const answers = [
      on.writeSync(fd, 'héllo wörld'), on.writeSync(fd, 'XY', 2), on.writeSync(fd, 'ff00', null, 'hex'),
      on.writevSync(fd, [Buffer.from('one'), Buffer.from('two')]),
      (on.writeSync as (...args: unknown[]) => number)(fd, Buffer.from('abcdef'), { offset: 4 }),
      on.readvSync(fd, [a, b], 1), a, b, on.readSync(fd, a, { position: 0, length: 2 }), a,
    ]
    on.futimesSync(fd, 5, 7)
    answers.push(on.fstatSync(fd).mtimeMs)
    on.closeSync(fd)
    return [...answers, on.readFileSync(at('f'))]
  }],
  ['a part outside the buffer', (on, at) => {
    const fd = on.openSync(at('f'), 'r')
    try {
      return on.readSync(fd, Buffer.alloc(2), 3, 1, 0)
    } catch (error) {
      return (error as NodeJS.ErrnoException).code
    } finally {
      on.closeSync(fd)
    }
  }],
  ['copyFile onto itself', (on, at) => [on.copyFileSync(at('f'), at('f')), on.readFileSync(at('f'), 'utf8')]],
  ['copyFile and modes', (on, at) => {
    on.writeFileSync(at('c'), 'longer than the other')
    on.chmodSync(at('f'), 0o707)
    for (const to of ['c', 'n']) on.copyFileSync(at('f'), at(to))
    return [on.statSync(at('c')), on.statSync(at('n'))]
  }],
  ['stat', (on, at) => [on.statSync(at('link')), on.lstatSync(at('link')), on.statSync(at('d'))]],
  ['stat of nothing', (on, at) => on.statSync(at('none'))],
  ['lstat through a file', (on, at) => on.lstatSync(at('f/x'))],
  ['readdir', (on, at) => on.readdirSync(at('.')).toSorted()],
  ['readdir with types', (on, at) => on.readdirSync(at('d'), { withFileTypes: true })],
  ['readdir of all below', (on, at) => on.readdirSync(at('.'), { recursive: true }).map(String).toSorted()],
  ['readdir of a file', (on, at) => on.readdirSync(at('f'))],
  ['mkdir', (on, at) =>
    [on.mkdirSync(at('new')), on.mkdirSync(at('x/y/z'), { recursive: true }), on.existsSync(at('x/y/z'))]],
  ['mkdir of what is there', (on, at) => on.mkdirSync(at('d'))],
  ['rm', (on, at) => [
    on.rmSync(at('f')), on.rmSync(at('d'), { recursive: true }), on.rmSync(at('no'), { force: true }),
    on.readdirSync(at('.')),
  ]],
  ['rmdir of what is not empty', (on, at) => on.rmdirSync(at('d'))],
  ['unlink of nothing', (on, at) => on.unlinkSync(at('none'))],
  ['rename', (on, at) => [on.renameSync(at('f'), at('moved')), on.readdirSync(at('.')).toSorted()]],
  ['rename of nothing', (on, at) => on.renameSync(at('none'), at('x'))],
  ['link', (on, at) => [on.linkSync(at('f'), at('hard')), on.statSync(at('hard'))]],
  ['link over something', (on, at) => on.linkSync(at('f'), at('d'))],
  ['symlink over something', (on, at) => on.symlinkSync('x', at('f'))],
  ['readlink', (on, at) => on.readlinkSync(at('link'))],
  ['readlink of a file', (on, at) => on.readlinkSync(at('f'))],
  ['realpath', (on, at) => on.realpathSync(at('d/../link'))],
  ['chmod', (on, at) => [on.chmodSync(at('f'), 0o640), on.statSync(at('f'))]],
  ['utimes', (on, at) => [on.utimesSync(at('f'), 1, new Date(2e9)), on.statSync(at('f'))]],
  ['truncate', (on, at) => [on.truncateSync(at('f'), 2), on.readFileSync(at('f'), 'utf8')]],
  ['copyFile', (on, at) => [on.copyFileSync(at('f'), at('c')), on.readFileSync(at('c'), 'utf8')]],
  ['copyFile over something', (on, at) => on.copyFileSync(at('f'), at('d/sub/g'), 1)],
  ['cp', (on, at) => [on.cpSync(at('d'), at('e'), { recursive: true }), on.readFileSync(at('e/sub/g'), 'utf8')]],
  ['access', (on, at) => [on.accessSync(at('f'), 4), on.existsSync(at('none'))]],
  ['access of nothing', (on, at) => on.accessSync(at('none'))],
  ['mkdtemp', (on, at) => on.mkdtempSync(at('t-')).length],
]

const tried = (calls: Calls, on: Fs): unknown => {
  try {
    return plain(calls(on, (name) => (name === '.' ? top : `${top}/${name}`)))
  } catch (error) {
    return plain(error)
  }
}

test.each(cases)('%s', (_name, calls) => {
  const umask = process.umask(0o022)
  try {
    expect(tried(calls, fs as unknown as Fs)).toEqual(tried(calls, nodeFs))
  } finally {
    process.umask(umask)
  }
})

describe('the three forms', () => {
  test('promises and callbacks do what the first does', async () => {
    const path = join(top, 'f')
    await fs.promises.writeFile(path, 'one')
    expect(await fs.promises.readFile(path, 'utf8')).toBe('one')
    expect(await promisify(fs.readFile as unknown as Fs['readFile'])(path, 'utf8')).toBe('one')
    await expect(fs.promises.stat(join(top, 'none'))).rejects.toMatchObject({ code: 'ENOENT' })
    const stat = promisify(fs.stat as unknown as Fs['stat'])
    await expect(stat(join(top, 'none'))).rejects.toMatchObject({ code: 'ENOENT' })
    const withoutCallback = fs.readFile as unknown as (path: string) => void
    expect(() => withoutCallback(path)).toThrow('"cb" argument must be of type function')
  })

  test('a handle stays with its file', async () => {
    const path = join(top, 'f')
    await using handle = await fs.promises.open(path, 'r+')
    await fs.promises.rename(path, join(top, 'other'))
    await fs.promises.writeFile(path, 'another')
    expect(await handle.readFile('utf8')).toBe('text é')
    await handle.truncate()
    await handle.write('x', 0)
    const part = Buffer.from('-a-')
    expect(await handle.write(part, 1, 1, 0)).toEqual({ bytesWritten: 1, buffer: part })
    expect((await handle.read(Buffer.alloc(4), 1, 2, 0)).buffer).toEqual(Buffer.from('\0a\0\0'))
    expect((await handle.readv([Buffer.alloc(1)], 0)).bytesRead).toBe(1)
    await handle.utimes(1, 2)
    expect((await handle.stat()).mtimeMs).toBe(2000)
    expect((await handle.stat()).size).toBe(1)
    expect(await fs.promises.readFile(path, 'utf8')).toBe('another')
  })

  test('a signal that comes in the same turn ends a call', async () => {
    const pieces = async function* (): AsyncGenerator<string> {
      yield 'a'
    }
    for (const [act, name] of [
      [(signal: AbortSignal) => fs.promises.writeFile(join(top, 'f'), 'x', { signal }), 'text'],
      [(signal: AbortSignal) => fs.promises.writeFile(join(top, 'f'), pieces(), { signal }), 'pieces'],
      [(signal: AbortSignal) => fs.promises.readFile(join(top, 'f'), { signal }), 'reading'],
    ] as const) {
      const controller = new AbortController()
      const pending = act(controller.signal)
      process.nextTick(() => controller.abort())
      await expect(pending, name).rejects.toMatchObject({ name: 'AbortError', code: 'ABORT_ERR' })
    }
  })

  test('watches', async () => {
    const seen: unknown[] = []
    const watcher = fs.watch(top, (event, name) => seen.push([event, name]))
    fs.writeFileSync(join(top, 'new'), 'x')
    fs.renameSync(join(top, 'new'), join(top, 'moved'))
    await vi.waitFor(() => expect(seen).toContainEqual(['rename', 'moved']))
    watcher.close()
    expect(seen).toEqual([['rename', 'new'], ['change', 'new'], ['rename', 'new'], ['rename', 'moved']])
    const looks: unknown[] = []
    fs.watchFile(join(top, 'moved'), { interval: 5 }, (now, before) => looks.push([now.size, before.size]))
    fs.appendFileSync(join(top, 'moved'), 'yz')
    await vi.waitFor(() => expect(looks).toEqual([[3, 1]]))
    fs.unwatchFile(join(top, 'moved'))
    const ended = new AbortController()
    const events = fs.promises.watch(top, { recursive: true, signal: ended.signal })
    const first = events.next()
    fs.writeFileSync(join(top, 'd/sub/new'), '')
    expect((await first).value).toEqual({ eventType: 'rename', filename: 'd/sub/new' })
    const [folder, file] = [events.next(), events.next()]
    fs.mkdirSync(join(top, 'made'))
    fs.writeFileSync(join(top, 'made/in'), '')
    expect([(await folder).value, (await file).value]).toEqual([
      { eventType: 'rename', filename: 'made' }, { eventType: 'rename', filename: 'made/in' },
    ])
    ended.abort()
    await expect(events.next()).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('a handle gives lines, and bytes for the web', async () => {
    fs.writeFileSync(join(top, 'lines'), 'one\ntwo')
    await using handle = await fs.promises.open(join(top, 'lines'))
    const lines: string[] = []
    for await (const line of handle.readLines({ autoClose: false, start: 0 })) lines.push(line)
    expect(lines).toEqual(['one', 'two'])
    await using again = await fs.promises.open(join(top, 'lines'))
    expect(await text(again.readableWebStream())).toBe('one\ntwo')
    expect((await handle.stat({ bigint: true })).size).toBe(7n)
  })

  test('streams', async () => {
    const [from, to] = [join(top, 'big'), join(top, 'copy')]
    const whole = Buffer.alloc(300_000, 'abc')
    fs.writeFileSync(from, whole)
    await pipeline(fs.createReadStream(from), fs.createWriteStream(to))
    expect((await buffer(fs.createReadStream(to))).equals(whole)).toBe(true)
    expect(await text(fs.createReadStream(from, { start: 1, end: 4 }))).toBe('bcab')
    await expect(text(fs.createReadStream(join(top, 'none')))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

test('modes and modules are asked about the task', () => {
  const { kernel, task, root } = boot({
    file_open: (file) => (file.f_path.dentry.d_name.name === 'key' ? -EACCES : 0),
  })
  root.writeFile('/root', new Uint8Array(1), undefined, 0o600)
  const guarded = taskFs(kernel, task)
  expect(() => guarded.readFileSync('/root')).toThrow("EACCES: permission denied, open '/root'")
  expect(() => guarded.writeFileSync('/tmp/key', '')).toThrow("EACCES: permission denied, open '/tmp/key'")
})

test('streams make the calls of `fs` as they are when they are made', async () => {
  const { kernel, task } = boot()
  const own = taskFs(kernel, task)
  let calls = 0
  const { open } = own
  Object.assign(own, { open: (...args: Parameters<typeof open>) => { calls++; open(...args) } })
  await new Promise((done) => own.createWriteStream('/tmp/patched').end('x', () => done(null)))
  expect(calls).toBe(1)
  const handle = await own.promises.open('/tmp/patched', 'w')
  const { write } = handle
  Object.assign(handle, { write: (...args: Parameters<typeof write>) => { calls++; return write.apply(handle, args) } })
  await new Promise((done) => handle.createWriteStream().end('xyz', () => done(null)))
  expect([calls, own.readFileSync('/tmp/patched', 'utf8')]).toEqual([2, 'xyz'])
})

test('it has what node:fs has', () => {
  const known = new Set(Object.keys(fs))
  const missing = Object.keys(nodeFs).filter((name) =>
    /^[A-Za-z]/.test(name) && nodeFs[name as 'stat'] !== undefined && name !== 'default' && !known.has(name))
  expect(missing.toSorted()).toEqual(['Utf8Stream'])
  const promised = Object.keys(nodeFs.promises).filter((name) => !(name in fs.promises))
  expect(promised).toEqual([])
  expect(fs.constants).toMatchObject(nodeFs.constants)
})

test('stat of nothing may be no error', () => {
  expect(fs.statSync('/none', { throwIfNoEntry: false })).toBeUndefined()
  expect(fs.lstatSync('/none', { throwIfNoEntry: false })).toBeUndefined()
  expect(() => fs.statSync('/none', { throwIfNoEntry: true })).toThrow('ENOENT: no such file or directory, stat')
})
