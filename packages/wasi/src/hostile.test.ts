/** Programs that want to take the process with them, each in a process of its own: it ends them, and lives. */
import { spawnSync } from 'node:child_process'
import { SIGXCPU, SIGXFSZ } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { leb } from './binary/leb128.ts'
import { guestLimits } from './index.ts'
import type { Limits, WasiOptions } from './index.ts'
import { call, i32, i64, op, testModule } from './testing/module.ts'

/** With the time of its processor for a clock: what else a machine does is not the program's. */
const script = `
  import { text } from 'node:stream/consumers'
  import { capability } from '@lsmkit/capability'
  import { compileProgram, runWasi, runWasiAsync } from './index.ts'
  import { bootForTest, writeFile } from './testing/boot.ts'
  const { program, limits, options, inTime } = JSON.parse(await text(process.stdin))
  const kernel = bootForTest([capability()])
  const spent = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
  process.hrtime = () => [0, spent() * 1e6]
  const begun = spent()
  let built
  try {
    if (!options.posix) built = compileProgram(Uint8Array.from(program), inTime ? limits : { ...limits, time: 'none' })
  } catch (error) {
    if (error.code !== 'time-limit') throw error
    console.log(JSON.stringify({ code: error.code, late: spent() - begun - limits.time, started: begun }))
    process.exit()
  }
  let written = 0
  const given = { limits, stdout: (part) => void (written += part.length), ...options }
  if (options.posix) {
    kernel.sys.mkdir(kernel.init, '/bin', 0o755)
    writeFile(kernel, options.program, Uint8Array.from(program), 0o755)
  }
  const started = spent()
  const { status, reason } = options.posix
    ? await runWasiAsync(kernel, kernel.init, given)
    : runWasi(kernel, kernel.init, { ...given, program: built })
  const late = spent() - started - limits.time
  const more = status === 128 + ${SIGXCPU} ? { late, started } : written > 0 ? { written } : {}
  console.log(JSON.stringify({ status, reason, ...more }))
`
const args = ['--conditions=lsmkit:source', '--no-warnings', '--input-type=module', '--eval', script]

/**
 * The answer of a process that has run it and has ended by itself; its error output otherwise. `inTime`: it is compiled
 * within the time limit as well.
 */
const runInProcess = (
  program: Uint8Array, limits: Limits, options: Partial<WasiOptions> = {}, inTime = false,
): unknown => {
  const input = JSON.stringify({ program: [...program], limits, options, inTime })
  const { status, stdout, stderr } = spawnSync(
    process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8', input, timeout: 400_000 },
  )
  return status === 0 ? JSON.parse(stdout) : { processEnded: status, stderr }
}

const WASI = 'wasi_snapshot_preview1'
const FUNCREF = 0x70
const exit = (status: number) => [...i32(status), ...call(0)]
const program = (code: readonly number[], sections: Readonly<Record<number, readonly number[]>> = {}) =>
  testModule({
    imports: [[WASI, 'proc_exit', 'i:']], memory: [1, 1024], functions: { _start: { locals: 1, code } }, sections,
  })

describe('80 tables that grow as far as they can', () => {
  const COUNT = 80
  /** Grows every table by halves of what it wants, until none grows by one; then exits with 7. */
  const grower = program([
    ...Array.from({ length: COUNT }, (_, table) => [
      ...i32(10_000_000), op.local_set, 0,
      op.loop, op.void,
      0xd0, FUNCREF, op.local_get, 0, ...op.table_grow, table, ...i32(-1), op.i32_eq, op.if, op.void,
      op.local_get, 0, ...i32(1), op.i32_shr_u, op.local_set, 0, op.end,
      op.local_get, 0, op.br_if, 0, op.end,
    ]).flat(),
    ...exit(7),
  ], { 4: [COUNT, ...Array.from({ length: COUNT }, () => [FUNCREF, 0, 0]).flat()] })

  test.each<Limits>([{ memory: '64 MiB' }, { memory: '4 GiB' }, { memory: '64 MiB', time: '60 s', loops: true }])(
    '%j', (limits) => {
      expect(runInProcess(grower, limits)).toEqual({ status: 7, reason: '' })
    })
})

describe('what is taken without end is refused', () => {
  const EXCL_CREAT = 5
  const RIGHTS = 0x42
  const NOSPC = 51
  const MFILE = 33
  /** Makes a file, which is descriptor 0, and calls import 1 until it says no; then exits with its errno. */
  const until = (name: string, signature: string, params: readonly number[]) =>
    testModule({
      imports: [[WASI, 'proc_exit', 'i:'], [WASI, name, signature], [WASI, 'path_open', 'iiiiiIIii:i']],
      memory: [2], data: { 0: 'file', 8: [1, 0, 0, 0], 16: [0, 0, 1, 0, 0, 0, 1, 0] },
      functions: { _start: { locals: 1, code: [
        ...i32(3), ...i32(0), ...i32(0), ...i32(4), ...i32(EXCL_CREAT), ...i64(RIGHTS), ...i64(0), ...i32(0),
        ...i32(32), ...call(2), op.drop,
        op.loop, op.void, ...params, ...call(1), op.local_tee, 0, op.i32_eqz, op.br_if, 0, op.end,
        op.local_get, 0, ...call(0),
      ] } },
    })
  /** Another name at address 0: four letters, from the number at address 8. */
  const nextName = [
    ...i32(8), ...i32(8), op.i32_load, 2, 0, ...i32(1), op.i32_add, op.i32_store, 2, 0,
    ...i32(0),
    ...[0, 1, 2, 3].flatMap((i) => [
      ...i32(8), op.i32_load, 2, 0, ...i32(5 * i), op.i32_shr_u, ...i32(0x1f), 0x71, ...i32(8 * i), 0x74,
      ...(i === 0 ? [] : [0x72]),
    ]),
    ...i32(0x40404040), 0x72, op.i32_store, 2, 0,
  ]
  const writes = until('fd_write', 'iiii:i', [...i32(0), ...i32(16), ...i32(1), ...i32(32)])
  const opens = until('path_open', 'iiiiiIIii:i', [
    ...i32(3), ...i32(0), ...i32(0), ...i32(4), ...i32(0), ...i64(2), ...i64(0), ...i32(0), ...i32(32),
  ])
  const names = until('path_create_directory', 'iii:i', [...nextName, ...i32(3), ...i32(0), ...i32(4)])
  test.each<{ what: string; bytes: Uint8Array; limits: Limits; status: number }>([
    { what: 'files', bytes: writes, limits: { files: '64 MiB' }, status: NOSPC },
    { what: 'inodes', bytes: names, limits: { inodes: 20_000 }, status: NOSPC },
    { what: 'descriptors', bytes: opens, limits: { descriptors: 500 }, status: MFILE },
  ])('$what', ({ bytes, limits, status }) => {
    expect(runInProcess(bytes, limits)).toEqual({ status, reason: '' })
    expect(runInProcess(bytes, guestLimits)).toEqual({ status, reason: '' })
  })
})

describe('what is taken without end ends, or is refused', () => {
  test('memory: a page more, until there is none', () => {
    const grower = program([
      op.loop, op.void, ...i32(1), op.memory_grow, 0, ...i32(-1), op.i32_eq, op.i32_eqz, op.br_if, 0, op.end,
      op.memory_size, 0, ...i32(4), op.i32_shr_u, ...call(0),
    ])
    expect(runInProcess(grower, { memory: '50 MiB' })).toEqual({ status: 50, reason: '' })
    expect(runInProcess(grower, { ...guestLimits, memory: '60 MiB' })).toEqual({ status: 60, reason: '' })
  })

  test('memory: all of it from the start', () => {
    const large = testModule({ memory: [65_536], functions: { _start: { code: [] } } })
    expect(runInProcess(large, { memory: '1 GiB' })).toMatchObject({
      processEnded: 1, stderr: expect.stringContaining('ProgramError'),
    })
  })

  const THOUSAND = 'I'.repeat(1000)
  const NUMBERS = Array.from({ length: 1000 }, () => i64(1)).flat()
  const V128S = [0x60, ...leb(1000), ...Array.from({ length: 1000 }, () => 0x7b), 0]
  const elements = Array.from({ length: 1_100_000 }, () => 0)
  test.each([
    { what: 'a body that takes gigabytes to check', bytes: testModule({ memory: [1], functions: {
      _start: { code: [op.block, op.void, ...Array.from({ length: 100_000 }, () => call(1)).flat(), op.br, 0, op.end] },
      f: { signature: `:${THOUSAND}`, code: NUMBERS },
    } }) },
    { what: 'a body that takes gigabytes to compile', bytes: testModule({ memory: [1], functions: {
      _start: { locals: 49_000, code: Array.from({ length: 30_000 }, () => [op.loop, op.void, op.end]).flat() },
    } }) },
    { what: 'exceptions that weigh 64 KB', bytes: testModule({
      memory: [1], functions: { _start: { code: [] } }, types: [V128S], sections: { 13: [1, 0, 1] },
    }) },
    { what: 'segments of elements', bytes: testModule({
      memory: [1], functions: { _start: { code: [] } },
      sections: { 9: [1, 1, 0, ...leb(elements.length), ...elements] },
    }) },
  ])('the host\'s heap: $what', ({ bytes }) => {
    for (const limits of [guestLimits, { memory: '64 MiB' }])
      expect(runInProcess(bytes, limits)).toMatchObject({
        processEnded: 1, stderr: expect.stringContaining('ProgramError'),
      })
  })

  test('output: a page more, whatever the answer', () => {
    const writer = testModule({
      imports: [[WASI, 'fd_write', 'iiii:i']], memory: [2], data: { 16: [0, 0, 0, 0, 0, 0, 1, 0] },
      functions: { _start: { code: [
        op.loop, op.void, ...i32(1), ...i32(16), ...i32(1), ...i32(32), ...call(0), op.drop, op.br, 0, op.end,
      ] } },
    })
    expect(runInProcess(writer, { output: '5 MiB' })).toEqual({
      status: 128 + SIGXFSZ, reason: 'SIGXFSZ: output limit of 5242880 bytes', written: 5 << 20,
    })
  })

  test('processes: each starts another of itself, until it may not', () => {
    const AGAIN = 6
    const [PATH, ARGV, ENVP, REQUEST] = [100, 200, 208, 300]
    const bomb = testModule({
      imports: [[WASI, 'proc_exit', 'i:'], ['lsmkit_posix', 'spawn', 'i:i']], memory: [1],
      data: { [PATH]: '/bin/bomb', [ARGV]: [PATH, 0, 0, 0], [REQUEST]: [PATH, 0, 0, 0, ARGV, 0, 0, 0, ENVP, 0, 0, 0] },
      functions: { _start: { locals: 1, code: [
        op.loop, op.void, ...i32(REQUEST), ...call(1), op.local_tee, 0, ...i32(31), op.i32_shr_u, op.i32_eqz,
        op.br_if, 0, op.end, ...i32(0), op.local_get, 0, op.i32_sub, ...call(0),
      ] } },
    })
    const options = { posix: true, program: '/bin/bomb' }
    for (const limits of [{ processes: 20 }, guestLimits])
      expect(runInProcess(bomb, limits, options)).toEqual({ status: AGAIN, reason: '' })
  })
})

/** Milliseconds of the processor: by how much a limit was missed, and what the process took to get there. */
interface Late {
  readonly late: number
  readonly started: number
}
/** Where the machine is slow, what the process took to get there, with code that is compiled already. */
const mostLate = ({ started }: Late): number => Math.max(100, started)

describe('a time limit ends a loop of', () => {
  const MANY = 1_000_000
  const MANY_FUNCTIONS = 60_000
  /** Each that stands behind the first, again and again. */
  const callsAll = (count: number): number[] =>
    [op.loop, op.void, ...Array.from({ length: count }, (_, i) => call(i + 1)).flat(), op.br, 0, op.end]
  const tables = { 4: [2, FUNCREF, 0, ...leb(MANY), 0x6f, 0, 0] }
  const again = (code: readonly number[], sections = {}) =>
    program([op.loop, op.void, ...code, op.br, 0, op.end], sections)
  const nullFunction = [0xd0, FUNCREF]
  const divides = [op.local_get, 0, ...i32(9), op.i32_div_s, op.drop]
  const allMemory = i32(64 << 20)
  const whole = { 5: [1, 0, ...leb(1024)] }

  test.each([
    { what: 'memory.fill', bytes: again([...i32(0), ...i32(7), ...allMemory, ...op.memory_fill, 0], whole) },
    { what: 'memory.copy', bytes: again([...i32(0), ...i32(0), ...allMemory, ...op.memory_copy, 0, 0], whole) },
    { what: 'table.fill', bytes: again([...i32(0), ...nullFunction, ...i32(MANY), ...op.table_fill, 0], tables) },
    { what: 'table.copy', bytes: again([...i32(0), ...i32(1), ...i32(MANY - 1), ...op.table_copy, 0, 0], tables) },
    { what: 'table.grow by none',
      bytes: again([...nullFunction, ...i32(0), ...op.table_grow, 0, op.drop], tables) },
    { what: 'memory.grow by none', bytes: again([...i32(0), op.memory_grow, 0, op.drop]) },
    { what: 'throwing', bytes: again([op.try, op.void, 0x08, 0, op.catch_all, op.end], { 13: [1, 0, 1] }) },
    { what: 'memory.fill of all there is',
      bytes: again([...i32(0), ...i32(7), ...i32(-65536), ...op.memory_fill, 0], { 5: [1, 0, ...leb(65535)] }) },
    { what: 'a body of 60,000 divisions', bytes: again(Array.from({ length: 60_000 }, () => divides).flat()) },
    { what: 'stores to pages that nobody has touched', bytes: again(Array.from({ length: 64 }, () => [
      op.local_get, 0, ...i32(1), op.i32_store, 2, 0,
      op.local_get, 0, ...i32(65_600), op.i32_add, ...i32(0x3fff_fffc), 0x71, op.local_set, 0,
    ]).flat(), { 5: [1, 0, ...leb(16_384)] }) },
    { what: 'loads that miss every cache', bytes: again([
      op.local_get, 0, op.i32_load, 2, 0, op.drop,
      op.local_get, 0, ...i32(4160), op.i32_add, ...i32(0x3fff_fffc), 0x71, op.local_set, 0,
    ], { 5: [1, 0, ...leb(16_384)] }) },
    { what: 'random numbers for a gigabyte', bytes: testModule({
      imports: [[WASI, 'random_get', 'ii:i']], memory: [16_384],
      functions: { _start: { code: [
        op.loop, op.void, ...i32(0), ...i32(2 ** 30 - 1), ...call(0), op.drop, op.br, 0, op.end,
      ] } },
    }) },
    { what: '60,000 functions, and their first calls', bytes: testModule({
      memory: [1], functions: Object.fromEntries([
        ['_start', { code: callsAll(MANY_FUNCTIONS) }],
        ...Array.from({ length: MANY_FUNCTIONS }, (_, i) => [`f${i}`, { code: [0x01] }] as const),
      ]),
    }) },
    { what: 'writing 250 MiB at a time', bytes: testModule({
      imports: [[WASI, 'fd_pwrite', 'iiiIi:i'], [WASI, 'path_open', 'iiiiiIIii:i']],
      memory: [4096], data: { 0: 'file', 16: [64, 0, 0, 0, 0, 0, 0xa0, 0x0f] },
      functions: { _start: { code: [
        ...i32(3), ...i32(0), ...i32(0), ...i32(4), ...i32(5), ...i64(0x46), ...i64(0), ...i32(0), ...i32(32),
        ...call(1), op.drop,
        op.loop, op.void, ...i32(0), ...i32(16), ...i32(1), ...i64(0), ...i32(32), ...call(0), op.drop,
        op.br, 0, op.end,
      ] } },
    }) },
    { what: 'functions that take as long to compile as they may', bytes: testModule({
      memory: [1], functions: Object.fromEntries([
        ['_start', { code: callsAll(60) }],
        ...Array.from({ length: 60 }, (_, i) => [`f${i}`, {
          locals: 10_000, code: Array.from({ length: 250 }, () => [op.local_get, 0, op.if, op.void, op.end]).flat(),
        }] as const),
      ]),
    }) },
    { what: 'calls with 49,990 locals', bytes: testModule({
      memory: [1], functions: { _start: { code: [op.loop, op.void, ...call(1), op.br, 0, op.end] },
        f: { locals: 49_990, code: [] } },
    }) },
  ])('$what', ({ bytes }) => {
    const result = runInProcess(bytes, { time: 300, loops: true }) as Late
    expect(result).toMatchObject({ status: 128 + SIGXCPU, reason: 'SIGXCPU: time limit' })
    expect(result.late).toBeLessThan(mostLate(result))
  })
})

describe('a time limit ends the making of', () => {
  const THOUSAND = [...leb(1000), ...Array<number>(1000).fill(0x7e)]
  const NOTHING = Array<number>(15).fill(0x01)
  const COUNT = 40
  /** Behind the types of the functions. */
  const MOVES = COUNT
  const moving = [op.block, op.void, 0x0c, 0, ...Array.from({ length: 3000 }, () => [op.block, MOVES, op.end]).flat(),
    0x0c, 0, op.end]
  test.each([
    { what: '100,000 functions', bytes: testModule({ functions: Object.fromEntries(
      Array.from({ length: 100_000 }, (_, i) => [i === 0 ? '_start' : `f${i}`, { code: NOTHING }])),
    sections: { 7: [1, 6, ...new TextEncoder().encode('_start'), 0, 0] } }) },
    { what: 'blocks through which a billion values go', bytes: testModule({ types: [[0x60, ...THOUSAND, ...THOUSAND]],
      functions: Object.fromEntries(Array.from({ length: COUNT }, (_, i) =>
        [i === 0 ? '_start' : `f${i}`, { code: moving }])) }) },
  ])('$what', ({ bytes }) => {
    // much less than it takes a fast machine
    const limits = { time: 30, loops: true }
    const result = runInProcess(bytes, limits, {}, true) as Late
    expect(result).toMatchObject({ code: 'time-limit' })
    expect(result.late).toBeLessThan(mostLate(result))
    const executed = runInProcess(bytes, limits, { posix: true, program: '/bin/program' }) as Late
    expect(executed).toMatchObject({
      status: 128 + SIGXCPU, reason: expect.stringMatching(/^SIGXCPU: (time limit|it takes longer to compile .*)$/),
    })
    expect(executed.late).toBeLessThan(mostLate(executed))
  })
})
