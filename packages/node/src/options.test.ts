/**
 * Whatever is given to a function of Node by name: each is asked about, harmless or refused, each is read once, and
 * nothing that changes its answer gets past the question.
 */
import { once } from 'node:events'
import { chmodSync, copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  EACCES, ECONNREFUSED, EHOSTUNREACH, EINPROGRESS, EINVAL, ENETUNREACH, ENOENT, EPERM, ETIMEDOUT,
} from '@lsmkit/abi'
import type { Sockaddr, Socket } from '@lsmkit/core'
import { OptionError } from '@lsmkit/core/option-rules'
import type { OptionShape } from '@lsmkit/core/plain-options'
import { hostfs } from '@lsmkit/kernel/hostfs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { boot } from '../test/boot.ts'
import { connectShape } from './connect-options.ts'
import { fetchShape } from './fetch-options.ts'
import { optionRules } from './fs/arguments/options.ts'
import { streamOptionNames } from './fs/arguments/stream-options.ts'
import { nodeOf } from './index.ts'
import { spawnShape } from './spawn-options.ts'

let accepted = 0
const server = createServer((socket) => {
  accepted++
  socket.on('error', () => {}).end('HTTP/1.0 200 OK\r\n\r\n')
})
const local = createServer((socket) => socket.end('past everybody'))
let port = 0
let folder = ''
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lsmkit-options-'))
  chmodSync(folder, 0o755)
  copyFileSync('/bin/echo', join(folder, 'echo'))
  server.listen(0, '127.0.0.1')
  local.listen(join(folder, 'socket'))
  await Promise.all([once(server, 'listening'), once(local, 'listening')])
  ;({ port } = server.address() as AddressInfo)
})
afterAll(() => {
  server.close()
  local.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A task that may connect to this port alone, and what it was asked. */
const world = (answer = (name: Sockaddr): number => (name.port === port ? 0 : -EACCES)) => {
  const asked: string[] = []
  const { kernel, task } = boot({
    socket_connect: (_socket: Socket, name: Sockaddr) => {
      asked.push(`${name.addr}:${name.port}`)
      return answer(name)
    },
  }, [{ type: hostfs({ path: folder }), target: '/tools' }])
  return { asked, ...nodeOf(kernel, task) }
}

describe('any refusal refuses', () => {
  const answers = [EPERM, ECONNREFUSED, ENETUNREACH, EHOSTUNREACH, EINPROGRESS, ETIMEDOUT, EINVAL, ENOENT]
  test.each([...answers.map((errno) => -errno), EACCES])('socket_connect answers %i', async (rc) => {
    const { connect, fetch } = world(() => rc)
    const before = accepted
    for (const host of ['127.0.0.1', 'localhost']) {
      const [error] = await once(connect({ host, port }), 'error')
      expect(error).toMatchObject({ syscall: 'connect' })
      await expect(fetch(`http://${host}:${port}/`)).rejects.toMatchObject({ cause: { syscall: 'connect' } })
    }
    expect(accepted).toBe(before)
  })

  test('an address of IPv4 in the clothes of IPv6 is asked about as both', async () => {
    const { connect, asked } = world(({ addr }) => (addr === '127.0.0.1' ? -EACCES : 0))
    const [error] = await once(connect({ host: '::ffff:127.0.0.1', port }), 'error')
    expect([error.code, asked.length, asked.at(-1)]).toEqual(['EACCES', 2, `127.0.0.1:${port}`])
  })
})

/** Fields that answer one thing first and another ever after. */
const changing = (first: object, then: object): { given: object; reads: Map<PropertyKey, number> } => {
  const reads = new Map<PropertyKey, number>()
  const given = new Proxy({ ...first, ...then }, {
    get: (target, key) => {
      const n = (reads.get(key) ?? 0) + 1
      reads.set(key, n)
      const from = n === 1 && Object.hasOwn(first, key) ? first : target
      return Reflect.get(from, key) as unknown
    },
  })
  return { given, reads }
}
const most = (reads: Map<PropertyKey, number>): number => Math.max(0, ...reads.values())

describe('connect', () => {
  test('what changes its answer is read once', async () => {
    const { connect, asked } = world()
    const { given, reads } = changing({ host: '127.0.0.1', port }, { host: '192.0.2.1', port: 9 })
    const socket = connect(given as never)
    await once(socket, 'connect')
    socket.destroy()
    expect([asked, most(reads), socket.remotePort]).toEqual([[`127.0.0.1:${port}`], 1, socket.remotePort])
  })

  test.each(Object.keys(connectShape.refuses!))('`%s` is refused, also where it hides', (name) => {
    const { connect } = world()
    const value = name === 'path' ? join(folder, 'socket') : 1
    const hidden = Object.defineProperty({ port }, name, { value })
    for (const given of [{ port, [name]: value }, hidden, new Proxy({ port, [name]: value }, {})]) {
      expect(() => connect(given as never)).toThrow(expect.objectContaining({
        code: 'refused-option', message: expect.stringMatching(new RegExp(`^\`${name}\` is not taken: .`)),
      }))
    }
    expect(() => connect(Object.create({ port, [name]: value }))).toThrow(OptionError)
  })

  test.each([[80], ['/run/x'], [null], [undefined], [[80]], [{ host: 'x' }], [{ port: { valueOf: () => 80 } }]])(
    '%j is no options', (given) => expect(() => world().connect(given as never)).toThrow(OptionError))

  test('a socket that is connected does not go elsewhere', async () => {
    const socket = world().connect({ host: '127.0.0.1', port })
    await once(socket, 'connect')
    expect(() => socket.connect({ path: join(folder, 'socket') })).toThrow(OptionError)
    socket.destroy()
  })
})

describe.skipIf(process.platform !== 'linux')('spawn', () => {
  test.each<[string, object]>([
    ['shell', { shell: true }], ['shell', { shell: '/bin/sh' }], ['uid', { uid: 0 }], ['gid', { gid: 0 }],
    ['windowsVerbatimArguments', { windowsVerbatimArguments: true }], ['file', { file: '/bin/sh' }],
    ['args', { args: ['-c'] }], ['env.LD_PRELOAD', { env: { LD_PRELOAD: '/x.so' } }],
    ['env.GCONV_PATH', { env: { GCONV_PATH: '/x' } }], ['stdio[3]', { stdio: ['pipe', 'pipe', 'pipe', 'inherit'] }],
  ])('`%s` of %j is refused', (name, options) => {
    expect(() => world().spawn('/tools/echo', [], options)).toThrow(expect.objectContaining({
      code: 'refused-option', message: expect.stringContaining(`\`${name}\` is not taken: `),
    }))
  })

  test.each<[object]>([
    [{ stdio: [9] }], [{ stdio: [{ fd: 3 }] }], [{ stdio: [process.stdout] }], [{ sdtio: 'pipe' }], [{ argv0: 1 }],
    [{ env: { A: {} } }], [{ env: { A: '\0' } }], [{ signal: { aborted: false } }], [{ killSignal: 'x' }],
    [Object.create({ shell: true })], [{ [Symbol('shell')]: true }],
  ])('%o is none', (options) => expect(() => world().spawn('/tools/echo', [], options)).toThrow(OptionError))

  test.each([[{}, []], ['/tools/echo', {}], ['/tools/echo', [1]], ['/tools/echo\0', []], [['/tools/echo'], []]])(
    'the program %j with %j', (path, args) =>
      expect(() => world().spawn(path as never, args as never)).toThrow(OptionError))

  test('arguments, and what the program is called, are asked about as they will be', async () => {
    const seen: unknown[] = []
    const { kernel, task } = boot({
      bprm_creds_for_exec: (bprm) => {
        seen.push(bprm.argc, bprm.envc)
        return 0
      },
    }, [{ type: hostfs({ path: folder }), target: '/tools' }])
    const args = new Proxy(['one'], {})
    const { given, reads } = changing({ argv0: 'echo', env: { A: 'b' } }, { argv0: 'other', env: { A: 'b', C: 'd' } })
    const child = nodeOf(kernel, task).spawn('/tools/echo', args, given)
    args.push('two')
    const parts: Buffer[] = []
    child.stdout!.on('data', (part: Buffer) => parts.push(part))
    await once(child, 'close')
    expect([Buffer.concat(parts).toString(), child.spawnargs, seen, most(reads)]).toEqual(
      ['one\n', ['echo', 'one'], [2, 1], 1])
  })
})

describe('fetch', () => {
  test('what changes its answer is read once', async () => {
    const { fetch, asked } = world()
    const { given, reads } = changing({ method: 'GET' }, { method: 'POST' })
    await fetch(`http://127.0.0.1:${port}/`, given)
    expect([asked, most(reads)]).toEqual([[`127.0.0.1:${port}`], 1])
  })

  test.each<[string, object]>([
    ['refused-option', { integrity: 'sha256-x' }], ['refused-option', { dispatcher: {} }],
    ['unknown-option', { integrty: 'sha256-x' }], ['bad-option', { mode: 'same-origin' }],
    ['bad-option', { cache: 'only-if-cached' }], ['bad-option', Object.create({ integrity: 'x' }) as object],
  ])('%s: %o', (code, init) => expect(world().fetch(`http://127.0.0.1:${port}/`, init)).rejects.toMatchObject({ code }))

  test('a request that has it already', () =>
    expect(world().fetch(new Request(`http://127.0.0.1:${port}/`, { integrity: 'sha256-x' }))).rejects.toThrow(
      '`integrity` is not taken'))
})

describe('fs', () => {
  /** Every call with arguments that are right. */
  const calls: Readonly<Record<string, readonly unknown[]>> = {
    access: ['/tmp/f', 0], exists: ['/tmp/f'], opendir: ['/tmp', {}], statfs: ['/tmp', {}],
    mkdtempDisposable: ['/tmp/y', {}], appendFile: ['/tmp/f', 'x', { mode: 0o600 }], chmod: ['/tmp/f', 0o600],
    chown: ['/tmp/f', 1000, 1000], close: [9], copyFile: ['/tmp/f', '/tmp/g', 0],
    cp: ['/tmp/f', '/tmp/h', { force: true }],
    fchmod: [9, 0o600], fchown: [9, 1, 1], fdatasync: [9], fstat: [9, {}], fsync: [9], ftruncate: [9, 0],
    futimes: [9, 1, 1], glob: ['/tmp/*', {}], lchown: ['/tmp/f', 1000, 1000],
    link: ['/tmp/f', '/tmp/i'], lstat: ['/tmp/f', {}],
    lutimes: ['/tmp/f', 1, 1], mkdir: ['/tmp/d', { recursive: true }], mkdtemp: ['/tmp/x', {}],
    open: ['/tmp/f', 'r', 0o600], readFile: ['/tmp/f', { encoding: 'utf8' }], readdir: ['/tmp', { recursive: false }],
    readlink: ['/tmp/l', {}], realpath: ['/tmp/f', {}], rename: ['/tmp/g', '/tmp/j'], rm: ['/tmp/j', { force: true }],
    rmdir: ['/tmp/d', {}], stat: ['/tmp/f', {}], symlink: ['f', '/tmp/k'], truncate: ['/tmp/f', 0],
    unlink: ['/tmp/k'], utimes: ['/tmp/f', 1, 1], writeFile: ['/tmp/f', 'x', { flush: true }],
    read: [9, Buffer.alloc(2), 0, 1, 0], write: [9, Buffer.alloc(2), 0, 1, 0], readv: [9, [Buffer.alloc(1)], 0],
    writev: [9, [Buffer.alloc(1)], 0],
  }
  const fresh = (): Record<string, (...args: unknown[]) => unknown> => {
    const { fs } = world()
    fs.writeFileSync('/tmp/f', 'text')
    fs.symlinkSync('f', '/tmp/l')
    return fs as never
  }

  test('all calls stand in the table', () => {
    const names = Object.keys(fresh()).filter((name) => name.endsWith('Sync')).map((name) => name.slice(0, -4))
    expect(Object.keys(calls).sort()).toEqual(names.sort())
  })

  const positions = Object.entries(calls).flatMap(([name, args]) => args.map((given, i) => ({ name, args, given, i })))
  /** An object is options there. */
  const isOptions = (name: string, i: number): boolean => i === 2 && (name === 'read' || name === 'write')
  const converted = positions.filter(({ name, given, i }) =>
    typeof given !== 'object' && name !== 'exists' && !isOptions(name, i))
  test.each(converted)(
    '$name: argument $i is text or a number, never what becomes one', ({ name, args, i }) => {
      let looks = 0
      const eel = { valueOf: () => ++looks, toString: () => `/tmp/${++looks}`, [Symbol.toPrimitive]: () => ++looks }
      expect(() => fresh()[`${name}Sync`]!(...args.with(i, eel))).toThrow(expect.objectContaining({
        code: expect.stringMatching(/^(ERR_INVALID_ARG_TYPE|ERR_INVALID_ARG_VALUE)$/),
      }))
      expect(looks).toBe(0)
    })

  const optional = positions.filter(({ given }) => Object.getPrototypeOf(given) === Object.prototype)
  test.each(optional)('$name: options are read once', ({ name, args, given, i }) => {
    const { given: proxy, reads } = changing(given as object, {})
    try {
      fresh()[`${name}Sync`]!(...args.with(i, proxy))
    } catch (error) {
      expect(error).not.toBeInstanceOf(OptionError)
    }
    expect(most(reads)).toBeLessThanOrEqual(1)
  })

  test('what every object has is no option; what the options inherit from is', () => {
    const fs = fresh()
    try {
      Object.assign(Object.prototype, { recursive: true, withFileTypes: true })
      expect(() => fs['mkdirSync']!('/tmp/a/b', {})).toThrow('ENOENT')
      expect(fs['readdirSync']!('/tmp', {})).toEqual(expect.arrayContaining(['f', 'l']))
    } finally {
      for (const name of ['recursive', 'withFileTypes']) Reflect.deleteProperty(Object.prototype, name)
    }
    expect(fs['mkdirSync']!('/tmp/a/b', Object.create({ recursive: true }))).toBe('/tmp/a')
  })

  test.each<[string, unknown[]]>([
    ['createReadStream', ['/tmp/f', { fs: {} }]], ['createWriteStream', ['/tmp/f', { fs: {} }]],
    ['createWriteStream', ['/tmp/f', { windowsHandle: 1 }]],
  ])('%s of %j', (name, args) => expect(() => fresh()[name]!(...args)).toThrow(OptionError))

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('%s is not a flag', (flag) =>
    expect(() => fresh()['openSync']!('/tmp/f', flag)).toThrow("The argument 'flags' is invalid"))

  test.each(['http://host/etc/passwd', 'file://host/etc/passwd', 'file:///etc%2fpasswd'])('%s is not a path', (url) =>
    expect(() => fresh()['readFileSync']!(new URL(url))).toThrow(TypeError))
})

describe('every option that Node knows is in a table', () => {
  type Binding = (name: 'natives') => Readonly<Record<string, string>>
  const sources = (process as unknown as { binding: Binding }).binding('natives')
  const namesIn = (files: readonly string[]): string[] => {
    const text = files.map((file) => sources[file] ?? '').join('\n')
    const read = Array.from(text.matchAll(/\b(?:options|opts)\??\.(\w+)/g), ([, name]) => name!)
    const lists = Array.from(text.matchAll(/(?:const|let) \{([^}]*)\}\s*=\s*options\b/g), ([, list]) => list!)
    const taken = lists.map((list) => list.match(/\w+/g) ?? [])
    return [...new Set([...read, ...taken.flat()])]
  }
  /** Of another function in the same file, or set by Node itself: the function here says that there is none. */
  const others = {
    net: [
      'backlog', 'exclusive', 'ipv6Only', 'pauseOnConnect', 'pauseOnCreate', 'readableAll', 'writableAll', 'reusePort',
      'manualStart', 'objectMode', 'readableObjectMode', 'writableObjectMode', 'decodeStrings', 'autoDestroy',
      'emitClose', 'count', 'enable', 'initialDelay', 'interval',
    ],
    spawn: [
      'callback', 'encoding', 'execArgv', 'execPath', 'input', 'maxBuffer', 'options', 'silent', 'envPairs',
      'keepOpen', 'swallowErrors',
    ],
    fs: [
      // of streams, and of an experimental way to read and write a handle
      'autoClose', 'flags', 'highWaterMark', 'fd', 'end', 'start', 'limit', 'chunkSize', 'bytes', 'readSize', 'pos',
      'remaining', 'syncWriteThreshold', 'bytesRemaining',
      // defaults that stand beside the names
      'false', 'kDefaultChunkSize', 'kNone', '0o777', 'true', 'utf8', '2048',
    ],
    stream: [
      'autoDestroy', 'decodeStrings', 'defaultEncoding', 'construct', 'destroy', 'destroyOnReturn', 'final',
      'objectMode', 'read', 'readableObjectMode', 'writableObjectMode', 'write', 'writev',
    ],
  }
  const streams = ['internal/streams/readable', 'internal/streams/writable', 'internal/streams/state']
  const streamShape = {
    takes: Object.fromEntries(streamOptionNames.takes.map((name) => [name, true])), refuses: streamOptionNames.refuses,
  } as unknown as OptionShape<object>
  const fsShape = { takes: Object.assign({}, ...Object.values(optionRules)) as object } as OptionShape<object>
  const known = ({ takes, refuses = {} }: OptionShape<object>): string[] =>
    [...Object.keys(takes), ...Object.keys(refuses)]

  test.each<[string, readonly string[], OptionShape<object>, readonly string[]]>([
    ['connect', ['net'], connectShape, others.net],
    ['spawn', ['child_process', 'internal/child_process'], spawnShape, others.spawn],
    ['createReadStream', ['internal/fs/streams', ...streams], streamShape, others.stream],
    ['fs', ['fs', 'internal/fs/utils', 'internal/fs/promises', 'internal/fs/dir', 'internal/fs/watchers'], fsShape,
      others.fs],
  ])('%s', (_, files, shape, elsewhere) => {
    const names = namesIn(files)
    expect(names.length).toBeGreaterThan(10)
    const unclaimed = names.filter((name) => !known(shape).includes(name) && !elsewhere.includes(name))
    expect(unclaimed).toEqual([])
  })

  test('fetch', () => {
    const seen: string[] = []
    const watched = new Proxy({}, { get: (_, key) => void seen.push(String(key)) })
    expect(new Request('http://127.0.0.1/', watched).method).toBe('GET')
    expect(seen.length).toBeGreaterThan(10)
    expect(seen.filter((name) => !known(fetchShape).includes(name))).toEqual([])
  })
})
