import { AT_FDCWD, EACCES, SIGILL, SIGXCPU } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { defineLsm } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import { openReactor, ProgramError, runWasi, runWasiAsync } from './index.ts'
import { bootForTest, collect, writeFile } from './testing/boot.ts'
import { call, i32, i64, op, testModule } from './testing/module.ts'
import { installTools, shell, toolBytes } from '../test/tools.ts'

const asked: string[] = []
const spy = defineLsm({
  name: 'spy', abi: '1.0', id: 1000,
  hooks: { inode_mkdir: (_dir, dentry) => (asked.push(dentry.d_name.name), dentry.d_name.name === 'no' ? -EACCES : 0) },
})
const kernel = bootForTest([capability(), spy])
installTools(kernel)
const leavesNothing = () => expect.poll(() => kernel.machine.tasks.processes.size).toBe(1)

describe('reactors', () => {
  const bytes = testModule({
    imports: [
      ['wasi_snapshot_preview1', 'path_create_directory', 'iii:i'], ['wasi_snapshot_preview1', 'proc_exit', 'i:'],
    ],
    memory: [1],
    data: { 64: 'yesno' },
    functions: {
      _initialize: { code: [...i32(0), ...i32(7), op.i32_store, 2, 0] },
      initialized: { signature: ':i', code: [...i32(0), op.i32_load, 2, 0] },
      add: { signature: 'ii:i', code: [op.local_get, 0, op.local_get, 1, op.i32_add] },
      long: { signature: ':I', code: i64(5) },
      mkdir: { signature: 'ii:i', code: [...i32(3), op.local_get, 0, op.local_get, 1, ...call(0)] },
      exit: { code: [...i32(3), ...call(1)] },
      spin: { code: [op.loop, op.void, op.br, 0, op.end] },
      trap: { code: [op.unreachable] },
    },
  })
  const opened = (options = {}) => openReactor(kernel, kernel.init, { program: bytes, ...options })

  test('its exports are called one by one, as the task, and hooks are asked', async () => {
    const reactor = opened()
    expect(reactor.names).toEqual(['initialized', 'add', 'long', 'mkdir', 'exit', 'spin', 'trap'])
    expect(reactor.call('initialized')).toBe(7)
    expect(reactor.call('add', 2, 3)).toBe(5)
    expect(reactor.call('long')).toBe(5n)
    expect([reactor.call('mkdir', 64, 3), reactor.call('mkdir', 67, 2)]).toEqual([0, 2])
    expect(asked.slice(-2)).toEqual(['yes', 'no'])
    expect(kernel.sys.access(kernel.init, '/yes', 0)).toBe(0)
    expect(() => reactor.call('none')).toThrow(/exports no function `none`/)
    expect(reactor.end()).toMatchObject({ status: 0, reason: '' })
    expect(() => reactor.call('add', 1, 1)).toThrow(ProgramError)
    await leavesNothing()
  })

  test.each([
    { name: 'exit', end: { status: 3, signal: 0 } },
    { name: 'trap', end: { signal: SIGILL } },
    { name: 'spin', end: { signal: SIGXCPU } },
  ])('a call that ends it: $name', async ({ name, end }) => {
    const reactor = opened({ limits: { time: 100, loops: true } })
    for (let i = 0; i < 3; i++) expect(reactor.call('add', i, 1)).toBe(i + 1)
    expect(() => reactor.call(name)).toThrow(/has ended/)
    expect(reactor.isAlive).toBe(false)
    expect(reactor.end()).toMatchObject(end)
    await leavesNothing()
  })

  test('each call has the time limit for itself', () => {
    let now = 0
    const reactor = opened({ limits: { time: 100 }, host: { now: () => now } })
    for (let i = 0; i < 5; i++) {
      now += 90
      expect(reactor.call('add', 1, 1)).toBe(2)
    }
    reactor.end()
  })

  test('out of the tree, with exec hooks; a command is none, and a reactor is no command', async () => {
    writeFile(kernel, '/bin/reactor', bytes, 0o755)
    const reactor = openReactor(kernel, kernel.init, { program: '/bin/reactor' })
    expect([reactor.task.comm, reactor.call('add', 1, 1)]).toEqual(['reactor', 2])
    reactor.end()
    expect(() => openReactor(kernel, kernel.init, { program: toolBytes('cat') })).toThrow(/has a `_start`/)
    expect(runWasi(kernel, kernel.init, { program: '/bin/reactor' }).reason).toMatch(/it is a reactor/)
    await leavesNothing()
  })
})

describe('what was built for something else', () => {
  test('wasi_unstable: whence, filestats and subscriptions as they were', () => {
    writeFile(kernel, '/bin/file', '0123456789')
    const module = 'wasi_unstable'
    const bytes = testModule({
      imports: [
        [module, 'path_open', 'iiiiiIIii:i'], [module, 'fd_filestat_get', 'ii:i'], [module, 'fd_seek', 'iIii:i'],
        [module, 'poll_oneoff', 'iiii:i'], [module, 'proc_exit', 'i:'],
      ],
      memory: [1],
      // a subscription to a clock: userdata, type, identifier, id, timeout
      data: { 64: 'bin/file', 256: [9, 0, 0, 0, 0, 0, 0, 0, 0], 280: [1], 288: [64, 66, 15] },
      functions: {
        _start: {
          code: [
            ...i32(3), ...i32(0), ...i32(64), ...i32(8), ...i32(0), ...i64(0x200026), ...i64(0), ...i32(0), ...i32(0),
            ...call(0), op.drop,
            ...i32(0), op.i32_load, 2, 0, ...i32(128), ...call(1), op.drop,
            ...i32(0), op.i32_load, 2, 0, ...i64(-2), ...i32(1), ...i32(200), ...call(2), op.drop,
            ...i32(256), ...i32(512), ...i32(1), ...i32(600), ...call(3), op.drop,
            // links, size, place, userdata of the event, the identifier that is put back
            ...i32(148), op.i32_load, 2, 0, ...i32(152), op.i32_load, 2, 0, op.i32_add,
            ...i32(200), op.i32_load, 2, 0, op.i32_add, ...i32(512), op.i32_load, 2, 0, op.i32_add,
            ...i32(280), op.i32_load, 2, 0, op.i32_add, ...call(4),
          ],
        },
      },
    })
    expect(runWasi(kernel, kernel.init, { program: bytes }).status).toBe(1 + 10 + 8 + 9 + 1)
  })

  test('threads run in workers, and in nothing else', async () => {
    const out = collect()
    const threads = { program: '/bin/threads', stdout: out.sink }
    expect(await runWasiAsync(kernel, kernel.init, { ...threads, waiting: 'workers' }))
      .toMatchObject({ status: 0, reason: '' })
    expect(out.text()).toBe('4000\n')
    expect(runWasi(kernel, kernel.init, threads)).toMatchObject({
      status: 126, reason: expect.stringContaining('the program has threads (wasi-threads)') as string,
    })
    await leavesNothing()
  })

  test.each([
    { what: 'a component that is no command', bytes: Uint8Array.from([0, 0x61, 0x73, 0x6d, 13, 0, 1, 0]),
      says: 'has no `wasi:cli/run`' },
    { what: 'WASIX', bytes: importing('wasix_32v1', 'proc_fork'), says: 'built for WASIX' },
    { what: 'Emscripten', bytes: importing('env', 'emscripten_memcpy'), says: 'as Emscripten does' },
    { what: 'a core of a component', bytes: importing('wasi:cli/exit@0.2.0', 'exit'), says: 'core of a component' },
  ])('$what is refused by name', async ({ bytes, says }) => {
    writeFile(kernel, '/bin/strange', bytes, 0o755)
    const { status, reason } = runWasi(kernel, kernel.init, { program: '/bin/strange' })
    expect({ status, reason }).toEqual({ status: 126, reason: expect.stringContaining(says) as string })
    expect((await shell(kernel, 'strange; echo $?'))).toMatchObject({
      out: '126\n', err: expect.stringContaining(says) as string,
    })
    kernel.sys.unlinkat(kernel.init, AT_FDCWD, '/bin/strange', 0)
  })
})

function importing(from: string, name: string): Uint8Array<ArrayBuffer> {
  return testModule({ imports: [[from, name, ':']], functions: { _start: { code: call(0) } } })
}
