import {
  AT_FDCWD, EACCES, ENOSPC, O_CREAT, O_RDWR, SIGFPE, SIGILL, SIGPIPE, SIGSEGV, SIGTERM, SIGXCPU, SIGXFSZ,
  WASI_SIGNAL_TERM,
} from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, defineLsm } from '@lsmkit/core'
import type { Inode } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { describe, expect, test } from 'vitest'
import { leb } from './binary/leb128.ts'
import { becomeWasi, compileProgram, runWasi, runWasiAsync } from './index.ts'
import type { WasiOptions } from './index.ts'
import { bootForTest, childOf, collect, makeDir, writeFile } from './testing/boot.ts'
import { call, i32, i64, op, testModule } from './testing/module.ts'

const kernel = bootForTest([capability()])
const { sys, init } = kernel
const WASI = 'wasi_snapshot_preview1'
const PAGE = 65536

/** A program whose main is `code`; imports are numbered as they are given. */
const program = (code: readonly number[], imports: readonly (readonly [name: string, signature: string])[] = [],
  extra = {}) =>
  testModule({
    imports: imports.map(([name, signature]) => [WASI, name, signature] as const),
    memory: [1],
    functions: { _start: { locals: 2, code } },
    ...extra,
  })

const exits = (status: number) => program([...i32(status), ...call(0)], [['proc_exit', 'i:']])
/** Writes `text` to descriptor `fd` with import 0; its result stays on the stack. */
const says = (fd: number) => [...i32(fd), ...i32(16), ...i32(1), ...i32(32), ...call(0)]
const saying = (text: string) => ({ data: { 16: [64, 0, 0, 0, text.length, 0, 0, 0], 64: text } })
const hello = program([...says(1), op.drop], [['fd_write', 'iiii:i']], saying('hello'))

const run = (what: WasiOptions['program'], options: Partial<WasiOptions> = {}, on: Kernel = kernel) => {
  const out = collect()
  const before = on.machine.tasks.processes.size
  const result = runWasi(on, on.init, { program: what, stdout: out.sink, ...options })
  expect(on.machine.tasks.processes.size).toBe(before)
  return { ...result, text: out.text() }
}

describe('how programs end', () => {
  test.each([
    { what: 'returning', code: [], imports: [], status: 0 },
    { what: 'proc_exit(3)', code: [...i32(3), ...call(0)], imports: [['proc_exit', 'i:']], status: 3 },
    { what: 'proc_exit(261): eight bits count', code: [...i32(261), ...call(0)], imports: [['proc_exit', 'i:']],
      status: 5 },
    { what: 'unreachable', code: [op.unreachable], imports: [], status: 128 + SIGILL },
    { what: 'a load out of bounds', code: [...i32(-4), op.i32_load, 2, 0, op.drop], imports: [],
      status: 128 + SIGSEGV },
    { what: 'a division by zero', code: [...i32(1), ...i32(0), op.i32_div_s, op.drop], imports: [],
      status: 128 + SIGFPE },
    { what: 'recursion without end', code: call(0), imports: [], status: 128 + SIGSEGV },
    { what: 'a signal to itself', code: [...i32(WASI_SIGNAL_TERM), ...call(0), op.drop],
      imports: [['proc_raise', 'i:i']], status: 128 + SIGTERM },
  ] as { what: string; code: number[]; imports: [string, string][]; status: number }[])('$what: $status',
    ({ code, imports, status }) => {
      const result = run(program(code, imports))
      expect(result.status).toBe(status)
      expect(result.signal).toBe(status > 128 ? status - 128 : 0)
      expect(result.reason === '').toBe(status < 128)
    })

  test('a trap closes what was open, and the kernel goes on', () => {
    const fd = sys.openat(init, AT_FDCWD, '/written', O_CREAT | O_RDWR, 0o755)
    sys.close(init, fd)
    const inode = (kernel.machine.vfs.user_path_at(AT_FDCWD, '/written',
      0) as { dentry: { d_inode: Inode } }).dentry.d_inode
    const bytes = program(
      [...i32(3), ...i32(0), ...i32(64), ...i32(7), ...i32(0), ...i64(0x42), ...i64(0), ...i32(0), ...i32(32),
        ...call(0), op.if, op.void, op.end, op.unreachable],
      [['path_open', 'iiiiiIIii:i']], { data: { 64: 'written' } },
    )
    const calls: string[] = []
    expect(run(bytes, { onCall: (one) => calls.push(String(one)) }).status).toBe(128 + SIGILL)
    expect(calls).toEqual(['path_open(3, 0, "written", 0, fd_read|fd_write, 0, 0, 0x20) = 0'])
    expect(inode.i_writecount).toBe(0)
    expect(run(hello).text).toBe('hello')
  })

  test('a write to a pipe that nobody reads', () => {
    const fds: number[] = []
    const parent = childOf(kernel)
    sys.pipe(parent, fds)
    sys.close(parent, fds[0]!)
    sys.dup2(parent, fds[1]!, 1)
    const result = runWasi(kernel, parent, { program: hello })
    expect(result).toMatchObject({ status: 128 + SIGPIPE, signal: SIGPIPE })
  })

  test('what ends it cannot be caught', () => {
    const caught = (code: readonly number[]) => [op.try, op.void, ...code, op.catch_all, op.end]
    const goesOn = program(
      [...caught([...i32(3), ...call(1)]), ...says(1), op.drop, ...caught(says(1).concat(op.drop))],
      [['fd_write', 'iiii:i'], ['proc_exit', 'i:']], saying('still here'),
    )
    expect(run(goesOn)).toMatchObject({ text: '', status: 3 })
    const spins = program([op.loop, op.void, ...caught([op.loop, op.void, op.br, 0, op.end]), op.br, 0, op.end])
    expect(run(spins, { limits: { time: 20, loops: true } }).status).toBe(128 + SIGXCPU)
    const calls = program(
      [op.loop, op.void, ...caught([...call(0), op.drop]), op.br, 0, op.end], [['sched_yield', ':i']],
    )
    expect(run(calls, { limits: { time: 20 } }).status).toBe(128 + SIGXCPU)
  })

  test('the task itself may become the program', () => {
    const task = childOf(kernel)
    const { pid } = task
    expect(becomeWasi(kernel, task, { program: exits(9) }).status).toBe(9)
    const status = { value: 0 }
    expect(sys.wait4(init, pid, status, 0, null)).toBe(pid)
    expect(status.value).toBe(9 << 8)
  })
})

describe('limits', () => {
  test('a control group counts the processes of a program that can start some', async () => {
    const groups: number[] = []
    const stdout = () => void groups.push([...kernel.machine.cgroups.root.children].length)
    const options: WasiOptions = { program: hello, limits: { processes: 8 }, stdout }
    runWasi(kernel, init, options)
    await runWasiAsync(kernel, init, options)
    expect(groups).toEqual([0, 1])
  })

  const forever = program([op.loop, op.void, ...call(0), op.drop, op.br, 0, op.end], [['sched_yield', ':i']])
  const spin = program([op.loop, op.void, op.br, 0, op.end])

  test('time, looked at on calls', () => {
    const result = run(forever, { limits: { time: 20 } })
    expect(result).toMatchObject({ status: 128 + SIGXCPU, reason: 'SIGXCPU: time limit' })
    expect(result.stats.time).toBeGreaterThanOrEqual(20)
  })

  test.each([
    { begin: 0, step: 0.7 }, { begin: 0.1, step: 0.7 }, { begin: 1e9 / 3, step: 0.7 },
    { begin: 2 ** 40 + 0.3, step: 0.7 },
    // as on a machine that has a hundred other things to do
    { begin: 0, step: 1000 },
  ])('its time is at least its limit, from $begin by $step', ({ begin, step }) => {
    let ms = begin
    const host = { now: () => (ms += step) }
    for (const time of [1, 20, 33.3]) {
      const { reason, stats } = run(forever, { limits: { time }, host })
      expect(reason).toBe('SIGXCPU: time limit')
      expect(stats.time).toBeGreaterThanOrEqual(time)
    }
  })

  test('a program of the tree that would take longer to compile says so, for its time is not over', () => {
    // a byte of a module counts twenty nanoseconds
    const large = Uint8Array.from([...forever, 0, ...leb(4_000_004), 1, 97, ...new Uint8Array(4_000_002)])
    writeFile(kernel, '/large', large, 0o755)
    const { status, reason, stats } = run('/large', { limits: { time: 20 }, host: { now: () => 0 } })
    expect({ status, reason, time: stats.time }).toEqual({
      status: 128 + SIGXCPU, reason: 'SIGXCPU: it takes longer to compile the program than it may run', time: 0,
    })
  })

  test('time, inside a computation', () => {
    expect(run(spin, { limits: { time: 20, loops: true } })).toMatchObject({ status: 128 + SIGXCPU,
      stats: { calls: 0 } })
  })

  test('a start function is metered as the rest, and runs before the entry', () => {
    const starting = (code: readonly number[]) =>
      testModule({
        imports: [[WASI, 'proc_exit', 'i:']],
        memory: [1],
        functions: { _start: { code: [...i32(0), op.i32_load, 2, 0, ...call(0)] }, init: { code } },
        sections: { 8: [2] },
      })
    const sets = starting([...i32(0), ...i32(7), op.i32_store, 2, 0])
    for (const limits of [{}, { loops: true }, { time: 300_000, loops: true, memory: 4 * PAGE }])
      expect(run(sets, { limits }).status).toBe(7)
    const limits = { time: 20, loops: true }
    expect(run(starting([op.loop, op.void, op.br, 0, op.end]), { limits }).status).toBe(128 + SIGXCPU)
    const long = { time: '5 min', loops: true }
    expect(run(starting([op.unreachable]), { limits: long }).status).toBe(128 + SIGILL)
    expect(run(starting([...i32(5), ...call(0)]), { limits: long }).status).toBe(5)
  })

  test('memory', () => {
    // exits with what memory.grow(2) answered, plus 10
    const bytes = program([...i32(2), op.memory_grow, 0, ...i32(10), op.i32_add, ...call(0)], [['proc_exit', 'i:']])
    expect(run(bytes, { limits: { memory: 3 * PAGE } })).toMatchObject({ status: 11, stats: { pages: 3 } })
    expect(run(bytes, { limits: { memory: 2 * PAGE } })).toMatchObject({ status: 9, stats: { pages: 1 } })
    expect(() => run(bytes, { limits: { memory: 0 } })).toThrow(expect.objectContaining({ code: 'memory-limit' }))
  })

  test('a program of the tree that is nearly all a hole takes no memory', () => {
    writeFile(kernel, '/hole', Uint8Array.from(forever), 0o755)
    expect(sys.truncate(init, '/hole', 300 * 2 ** 20)).toBe(0)
    const before = process.memoryUsage().arrayBuffers
    expect(run('/hole', { limits: { memory: '16 MiB' } })).toMatchObject({
      status: 126, reason: 'execve `/hole`: ENOMEM',
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20)
  })

  test('output: to the byte, then refused, then the end', () => {
    const bytes = program([op.loop, op.void, ...says(1), op.drop, op.br, 0, op.end], [['fd_write', 'iiii:i']],
      saying('hello'))
    expect(run(bytes, { limits: { output: 12 } })).toMatchObject({ text: 'hellohellohe', status: 128 + SIGXFSZ,
      stats: { output: 12 } })
  })

  test('programs of the tree are held to them as well', () => {
    writeFile(kernel, '/spin', spin, 0o755)
    expect(run('/spin', { limits: { time: 20, loops: true } }).status).toBe(128 + SIGXCPU)
    expect(run('/spin', { limits: { memory: 0 } })).toMatchObject({ status: 126,
      reason: 'the memory of the program starts with 65536 bytes, 0 are allowed' })
  })

  test('a compiled program cannot be limited afterwards', () => {
    const module = new WebAssembly.Module(spin)
    // exports that a program names so itself are its own affair
    const poses = new WebAssembly.Module(testModule({
      functions: { _start: { code: [] }, 'lsmkit:fuel': { code: [] }, 'lsmkit:refill': { code: [] } },
    }))
    expect(run(poses).status).toBe(0)
    expect(() => run(poses, { limits: { loops: true } }))
      .toThrow(expect.objectContaining({ code: 'unsupported-module' }))
    for (const one of [{ loops: true }, { memory: 10 * PAGE }])
      expect(() => run(module, { limits: one })).toThrow(expect.objectContaining({ code: 'unsupported-module' }))
    const limits = { time: 20, loops: true, memory: 10 * PAGE }
    expect(run(compileProgram(spin, limits), { limits }).status).toBe(128 + SIGXCPU)
  })
})

describe('programs that cannot start', () => {
  test.each([
    { what: 'text', bytes: new TextEncoder().encode('#!/bin/sh'), code: 'not-a-module' },
    { what: 'a module that does not validate', bytes: program([0x6a]), code: 'malformed-module' },
    { what: 'an import nobody has', bytes: testModule({ imports: [['env', 'fork', ':i']],
      functions: { _start: { code: [] } } }), code: 'unknown-import' },
    { what: 'a function preview 1 does not have', bytes: program([], [['fd_fork', ':i']]), code: 'unknown-import' },
    { what: 'no entry', bytes: testModule({ functions: { main: { code: [] } } }), code: 'no-entry' },
  ])('$what: $code', ({ bytes, code }) => {
    const before = kernel.machine.tasks.processes.size
    expect(() => run(bytes, { limits: { memory: 100 * PAGE } })).toThrow(expect.objectContaining({ code }))
    expect(kernel.machine.tasks.processes.size).toBe(before)
  })

  writeFile(kernel, '/not-executable', hello, 0o644)
  writeFile(kernel, '/text', 'no program', 0o755)
  writeFile(kernel, '/broken', program([0x6a]), 0o755)
  writeFile(kernel, '/strange', program([], [['fd_fork', ':i']]), 0o755)

  test.each([
    { path: '/nothing', status: 127, reason: 'execve `/nothing`: ENOENT' },
    { path: '/not-executable', status: 126, reason: 'execve `/not-executable`: EACCES' },
    { path: '/text', status: 126, reason: 'execve `/text`: ENOEXEC' },
    { path: '/broken', status: 126, reason: expect.stringContaining('does not compile') as string },
    { path: '/strange', status: 126, reason: expect.stringContaining('`wasi_snapshot_preview1.fd_fork`') as string },
  ])('$path: $status', ({ path, status, reason }) => {
    expect(run(path)).toMatchObject({ status, reason, signal: 0 })
  })

  test('a preopen that is not there', () => {
    expect(run(hello, { preopens: { x: '/nothing' } })).toMatchObject({ status: 126,
      reason: 'preopen `/nothing`: ENOENT' })
  })

  test('an LSM that lets nothing be executed, or forked', () => {
    const wall = bootForTest([
      capability(),
      defineLsm({ name: 'wall', abi: '1.0', id: 200, hooks: { bprm_check_security: (bprm) =>
        (bprm.filename === '/hello' ? -EACCES : 0) } }),
    ])
    writeFile(wall, '/hello', hello, 0o755)
    expect(run('/hello', {}, wall)).toMatchObject({ status: 126, reason: 'execve `/hello`: EACCES' })
    let closed = false
    const lone = bootForTest([capability(), defineLsm({ name: 'lone', abi: '1.0', id: 200,
      hooks: { task_alloc: () => (closed ? -EACCES : 0) } })])
    closed = true
    expect(run(hello, {}, lone)).toMatchObject({ status: 126, reason: expect.stringMatching(/^fork: E/) as string })
  })
})

describe('programs of the tree', () => {
  makeDir(kernel, '/bin')
  writeFile(kernel, '/bin/hello', hello, 0o755)

  test('are executed with all that belongs to it', () => {
    const seen: string[] = []
    const hooks = ['bprm_creds_for_exec', 'bprm_check_security', 'bprm_committing_creds',
      'bprm_committed_creds'] as const
    const observer = bootForTest([
      capability(),
      defineLsm({
        name: 'observer',
        abi: '1.0', id: 200,
        hooks: {
          bprm_creds_for_exec: () => (seen.push(hooks[0]), 0),
          bprm_check_security: () => (seen.push(hooks[1]), 0),
          bprm_committing_creds: () => void seen.push(hooks[2]),
          bprm_committed_creds: () => void seen.push(hooks[3]),
        },
      }),
    ])
    writeFile(observer, '/hello', hello, 0o755)
    expect(run('/hello', {}, observer).text).toBe('hello')
    expect(seen).toEqual(hooks)
  })

  test('a script gets its interpreter', () => {
    // writes argv[2], which is the script's own name: args_get to 1024, the third pointer at 1032
    const echo = program(
      [...i32(1024), ...i32(2048), ...call(1), op.drop, ...i32(16), ...i32(1032), op.i32_load, 2, 0, op.i32_store, 2,
        0, ...says(1), op.drop],
      [['fd_write', 'iiii:i'], ['args_get', 'ii:i']], { data: { 20: [7, 0, 0, 0] } },
    )
    writeFile(kernel, '/bin/echo3', echo, 0o755)
    writeFile(kernel, '/script', '#!/bin/echo3 -x\n', 0o755)
    expect(run('/script').text).toBe('/script')
  })

  test('a changed file is a changed program', () => {
    writeFile(kernel, '/bin/again', exits(1), 0o755)
    expect([run('/bin/again').status, run('/bin/again').status]).toEqual([1, 1])
    writeFile(kernel, '/bin/again', exits(2), 0o755)
    expect(run('/bin/again').status).toBe(2)
  })

  test('programs in TypeScript run the same way', () => {
    kernel.machine.programs.set('greet', ({ task, argv }) => {
      sys.write(task, 1, new TextEncoder().encode(`hi ${argv[1]}`))
      return 4
    })
    writeFile(kernel, '/bin/greet', Uint8Array.from([0x00, 0x6e, 0x61, 0x74, 1, 0, 0, 0,
      ...new TextEncoder().encode('greet')]), 0o755)
    expect(run('/bin/greet', { argv: ['greet', 'you'] })).toMatchObject({ text: 'hi you', status: 4 })
  })
})

describe('standard input and output', () => {
  /** Copies standard input to standard output until it ends; exits with the errno of a write that failed. */
  const cat = program(
    [
      op.loop, op.void, ...i32(0), ...i32(16), ...i32(1), ...i32(24), ...call(1), op.drop, ...i32(24), op.i32_load, 2,
      0, op.local_tee, 0,
      op.if, op.void, ...i32(20), op.local_get, 0, op.i32_store, 2, 0, ...says(1), op.local_tee, 1, op.if, op.void,
      op.local_get, 1, ...call(2), op.end,
      ...i32(20), ...i32(8), op.i32_store, 2, 0, op.br, 1, op.end, op.end,
    ],
    [['fd_write', 'iiii:i'], ['fd_read', 'iiii:i'], ['proc_exit', 'i:']], { data: { 16: [64, 0, 0, 0, 8, 0, 0, 0] } },
  )

  test.each([
    { what: 'text', stdin: 'a line of text that is longer than the buffer' },
    { what: 'bytes', stdin: new TextEncoder().encode('bytes') },
    { what: 'nothing', stdin: '' },
  ])('$what', ({ stdin }) => {
    const text = typeof stdin === 'string' ? stdin : 'bytes'
    expect(run(cat, { stdin })).toMatchObject({ text, status: 0, stats: { output: text.length } })
  })

  test('a function is asked until it says that there is no more', () => {
    const parts = ['one ', 'two']
    const stdin = (buffer: Uint8Array): number => new TextEncoder().encodeInto(parts.shift() ?? '', buffer).written
    expect(run(cat, { stdin }).text).toBe('one two')
  })

  test.each([
    { what: 'throws', stdin: () => { throw new Error('host') }, text: '' },
    { what: 'answers too much', stdin: () => 100, text: '' },
    { what: 'answers no number', stdin: () => NaN, text: '' },
  ])('a source that $what is an error, and no more', ({ stdin }) => {
    expect(run(cat, { stdin })).toMatchObject({ text: '', status: 0 })
  })

  test('a sink that throws is io', () => {
    const stdout = () => { throw new Error('host') }
    expect(run(cat, { stdin: 'x', stdout }).status).toBe(29)
  })

  test('what is not given is inherited', () => {
    const parent = childOf(kernel)
    sys.dup2(parent, sys.openat(parent, AT_FDCWD, '/captured', O_CREAT | O_RDWR, 0o644), 1)
    expect(runWasi(kernel, parent, { program: hello }).status).toBe(0)
    const buffer = new Uint8Array(10)
    expect(new TextDecoder().decode(buffer.subarray(0, sys.pread64(parent, 1, buffer, 0)))).toBe('hello')
  })

  test('LSMs see them', () => {
    let denied = false
    const wall = bootForTest([
      capability(),
      defineLsm({ name: 'wall', abi: '1.0', id: 200, hooks: { file_permission: (file, mask) =>
        (denied && mask === 2 && (file.f_inode.i_mode & 0o170000) === 0o010000 ? -ENOSPC : 0) } }),
    ])
    denied = true
    expect(run(cat, { stdin: 'x' }, wall).status).toBe(51)
  })

  test.each([[true, 2], [false, 0]])('tty %s: file type %d', (tty, type) => {
    const bytes = program(
      [...i32(1), ...i32(64), ...call(0), op.drop, ...i32(64), 0x2d, 0, 0, ...call(1)],
      [['fd_fdstat_get', 'ii:i'], ['proc_exit', 'i:']])
    expect(run(bytes, { tty }).status).toBe(type)
  })
})

describe('`lsmkit.syscall`', () => {
  const runRaw = (what: WasiOptions['program']) => run(what, { syscalls: true })
  /** Exits with the negated result of one call. */
  const calling = (nr: number, ...args: number[]) => {
    const words = [...args, 0, 0, 0, 0, 0, 0].slice(0, 6)
    return testModule({
      imports: [['lsmkit', 'syscall', 'iiiiiii:i'], [WASI, 'proc_exit', 'i:']], memory: [1],
      data: { 64: '/bin/hello', 96: 'user.name', 128: 'value', 256: [0x22, 0x05, 0x08, 0x20, 0, 0, 0, 0],
        512: [64, 0, 0, 0, 0, 0, 0, 0] },
      functions: { _start: { code: [...i32(0), ...i32(nr), ...words.flatMap(i32), ...call(0), op.i32_sub,
        ...call(1)] } },
    })
  }

  test.each([
    { what: 'getuid', nr: 102, args: [], status: 0 },
    { what: 'a number that is not offered', nr: 57, args: [], status: 38 },
    { what: 'a number beyond the table', nr: 100_000, args: [], status: 38 },
    { what: 'a negative number', nr: -1, args: [], status: 38 },
    { what: 'chmod of nothing', nr: 90, args: [0, 0o644], status: 14 },
    { what: 'chmod of a path out of bounds', nr: 90, args: [-1, 0o644], status: 14 },
    { what: 'chmod of a file that is not there', nr: 90, args: [96, 0o644], status: 2 },
    { what: 'capget into a buffer out of bounds', nr: 125, args: [256, 65530], status: 14 },
    { what: 'capget with a header out of bounds', nr: 125, args: [65530, 512], status: 14 },
    { what: 'capget without data', nr: 125, args: [256, 0], status: 0 },
    { what: 'setxattr with a value out of bounds', nr: 188, args: [64, 96, 128, 1_000_000, 0], status: 14 },
    { what: 'getgroups of less than none', nr: 115, args: [-1, 64], status: 22 },
    { what: 'setgroups of less than none', nr: 116, args: [-1, 64], status: 22 },
    { what: 'getgroups of too many', nr: 115, args: [100_000, 64], status: 14 },
  ])('$what: $status', ({ nr, args, status }) => {
    expect(runRaw(calling(nr, ...args)).status).toBe(status)
  })

  test('is not there unless asked for', () => {
    const bytes = calling(102)
    for (const options of [{}, { syscalls: false }])
      expect(() => run(bytes, options)).toThrow(expect.objectContaining({ code: 'unknown-import' }))
    expect(run(bytes, { preopens: { x: '/bin' }, syscalls: true }).status).toBe(0)
  })

  test('execve puts another program in its place, in the same task', () => {
    const result = runRaw(calling(59, 64, 512, 0))
    expect(result).toMatchObject({ text: 'hello', status: 0 })
    expect(result.stats.calls).toBe(2)
    expect(runRaw(calling(59, 96, 512, 0)).status).toBe(2)
  })

  test('a file that is written anew runs as what it is now, though no time has passed', () => {
    const still = bootKernel({ stack: createStack({ lsms: [capability()] }), clock: () => 1000 })
    const statuses = [3, 5].map((status) => {
      const code = [...i32(status), ...call(0)]
      const image =
        testModule({ imports: [[WASI, 'proc_exit', 'i:']], memory: [1], functions: { _start: { code } } })
      writeFile(still, '/program', image, 0o755)
      return runWasi(still, still.init, { program: '/program' }).status
    })
    expect(statuses).toEqual([3, 5])
  })

  test('a program that goes on replacing itself ends by its limit, however often it has', () => {
    writeFile(kernel, '/bin/again', testModule({
      imports: [['lsmkit', 'syscall', 'iiiiiii:i']], memory: [1], data: { 64: '/bin/again' },
      functions: { _start: { code: [...[59, 64, 0, 0, 0, 0, 0].flatMap(i32), ...call(0), op.drop] } },
    }), 0o755)
    let ticks = 0
    const result = runWasi(kernel, init, {
      program: '/bin/again', syscalls: true, host: { now: () => ++ticks }, limits: { time: 8000 },
    })
    expect(result).toMatchObject({ signal: SIGXCPU, reason: 'SIGXCPU: time limit' })
    expect(result.stats.calls).toBeGreaterThan(3500)
  })

  test('a fatal signal ends it before it can go on', () => {
    const bytes = testModule({
      imports: [['lsmkit', 'syscall', 'iiiiiii:i'], [WASI, 'fd_write', 'iiii:i']], memory: [1], ...saying('still here'),
      functions: {
        _start: {
          code: [
            ...i32(62), ...i32(39), ...[0, 0, 0, 0, 0, 0].flatMap(i32), ...call(0), ...i32(9),
            ...[0, 0, 0, 0].flatMap(i32), ...call(0), op.drop,
            ...i32(1), ...i32(16), ...i32(1), ...i32(32), ...call(1), op.drop,
          ],
        },
      },
    })
    expect(runRaw(bytes)).toMatchObject({ text: '', status: 137, signal: 9 })
  })
})
