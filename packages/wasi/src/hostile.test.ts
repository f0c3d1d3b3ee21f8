/** Programs that want to take the process with them, each in a process of its own: it ends them, and lives. */
import { spawnSync } from 'node:child_process'
import { SIGXCPU } from '@lsmkit/abi'
import { describe, expect, test } from 'vitest'
import { leb } from './binary/leb128.ts'
import type { Limits } from './index.ts'
import { call, i32, op, testModule } from './testing/module.ts'

const script = `
  import { text } from 'node:stream/consumers'
  import { capability } from '@lsmkit/capability'
  import { runWasi } from './index.ts'
  import { bootForTest } from './testing/boot.ts'
  const { program, limits } = JSON.parse(await text(process.stdin))
  const kernel = bootForTest([capability()])
  const { status, reason } = runWasi(kernel, kernel.init, { program: Uint8Array.from(program), limits })
  console.log(JSON.stringify({ status, reason }))
`
const args = ['--conditions=lsmkit:source', '--no-warnings', '--input-type=module', '--eval', script]

/** The answer of a process that has run it and has ended by itself; its error output otherwise. */
const runInProcess = (program: Uint8Array, limits: Limits): unknown => {
  const input = JSON.stringify({ program: [...program], limits })
  const { status, stdout, stderr } = spawnSync(
    process.execPath, args, { cwd: import.meta.dirname, encoding: 'utf8', input, timeout: 60_000 },
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

  test.each<Limits>([{ memory: 1024 }, { memory: 65536 }, { memory: 1024, time: 60_000, loops: true }])(
    '%j', (limits) => {
      expect(runInProcess(grower, limits)).toEqual({ status: 7, reason: '' })
    }, 60_000)
})

describe('a time limit ends a loop of', () => {
  const MANY = 1_000_000
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
    { what: 'a body of 10^6 divisions', bytes: again(Array.from({ length: MANY }, () => divides).flat()) },
  ])('$what', ({ bytes }) => {
    const result = runInProcess(bytes, { time: 300, loops: true })
    expect(result).toEqual({ status: 128 + SIGXCPU, reason: 'SIGXCPU: time limit' })
  }, 60_000)
})
