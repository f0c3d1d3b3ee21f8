/** Components of WASI 0.2: commands and reactors, on the kernel as the task, within their limits. */
import { AT_FDCWD, EACCES, O_CREAT, O_RDONLY, SIGILL, SIGSEGV, SIGTERM, SIGXCPU, SIGXFSZ } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, defineLsm } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileProgram, guestLimits, keepWorkers, openReactor, runWasi, runWasiAsync, spawnWasi } from '../index.ts'
import type { Program, SpawnedWasi, WasiOptions, WasiResult } from '../index.ts'
import { leb } from '../binary/leb128.ts'
import { bootForTest, collect, writeFile } from '../testing/boot.ts'
import { call, i32, i64, op } from '../testing/module.ts'
import { componentOf, componentOfModule, componentOfText } from '../../test/components.ts'
import { installTools, shell, toolBytes } from '../../test/tools.ts'

const PREVIEW1 = 'wasi_snapshot_preview1'

/** The ways in which a command runs. */
type Way = (kernel: Kernel, options: WasiOptions) => WasiResult | Promise<WasiResult>
const ways: readonly (readonly [string, Way])[] = [
  ['in the thread that calls', (kernel, options) => runWasi(kernel, kernel.init, options)],
  ['suspended', (kernel, options) => runWasiAsync(kernel, kernel.init, options)],
  ['in a worker', (kernel, options) => runWasiAsync(kernel, kernel.init, { ...options, waiting: 'workers' })],
]

/** Subjects of preview 1 that preview 2 answers otherwise: it has no rights, and no errno of its own for paths. */
const notOk: Readonly<Record<string, string>> = {
  rights_are_given_up: '__wasi_fd_fdstat_set_rights(fd, READ_RIGHTS, 0) is 58, not 0',
  symlinks: '__wasi_path_symlink("/absolute", ROOT, "m") is 63',
  truncation_rights: '__wasi_path_open(dir, 0, "n", __WASI_OFLAGS_TRUNC, FILE_RIGHTS, 0, 0, &fd) is 0',
}

describe('the subjects of programs/test/subjects.c as a component', () => {
  let program: Program
  let shared: Program
  beforeAll(async () => {
    const bytes = await componentOf(toolBytes('test/subjects'))
    program = compileProgram(bytes, guestLimits)
    shared = compileProgram(bytes, guestLimits, 'workers')
    keepWorkers(1)
  })
  afterAll(() => keepWorkers(0))

  test.each(ways)('33 of 36, %s', async (way, run) => {
    const said = async (...names: string[]): Promise<string> => {
      const kernel = bootKernel({
        stack: createStack({ lsms: [capability()] }), mounts: [{ type: 'tmpfs', target: '/d' }],
      })
      const out = collect()
      await run(kernel, {
        program: way === 'in a worker' ? shared : program, limits: guestLimits, argv: ['subjects', ...names],
        preopens: { '/d': '/d' }, stdout: out.sink,
      })
      return out.text()
    }
    const names = (await said()).trim().split('\n')
    expect(names).toHaveLength(36)
    for (const name of names) expect(await said(name)).toBe(`${name}: ${notOk[name] ?? 'ok'}\n`)
  })
})

describe('on the kernel', () => {
  const asked: string[] = []
  const sealed = defineLsm({
    name: 'sealed', abi: '1.0', id: 1000,
    hooks: {
      file_open: (file) => (file.f_path.dentry.d_name.name === 'secret' ? -EACCES : 0),
      bprm_check_security: (bprm) => (asked.push(bprm.filename), 0),
    },
  })
  const kernel = bootForTest([capability(), sealed])
  installTools(kernel)
  for (const name of ['secret', 'open']) kernel.sys.openat(kernel.init, AT_FDCWD, `/${name}`, O_CREAT, 0o644)
  const leavesNothing = () => expect.poll(() => kernel.machine.tasks.processes.size).toBe(1)

  /** Opens a file and ends with the errno. */
  const opener = (name: string) => componentOfModule({
    imports: [[PREVIEW1, 'path_open', 'iiiiiIIii:i'], [PREVIEW1, 'proc_exit', 'i:']],
    memory: [2],
    data: { 64: name },
    functions: { _start: { code: [
      ...i32(3), ...i32(0), ...i32(64), ...i32(name.length), ...i32(0), ...i64(2), ...i64(0), ...i32(0), ...i32(0),
      ...call(0), ...call(1),
    ] } },
  })
  /** Copies its input to its output, 1000 bytes at a time. */
  const copier = () => componentOfModule({
    imports: [[PREVIEW1, 'fd_read', 'iiii:i'], [PREVIEW1, 'fd_write', 'iiii:i'], [PREVIEW1, 'proc_exit', 'i:']],
    memory: [2],
    data: { 0: [0, 4, 0, 0, 232, 3, 0, 0] },
    functions: { _start: { code: [
      op.loop, op.void,
      ...i32(4), ...i32(1000), op.i32_store, 2, 0,
      ...i32(0), ...i32(0), ...i32(1), ...i32(8), ...call(0), op.if, op.void, ...i32(1), ...call(2), op.end,
      ...i32(4), ...i32(8), op.i32_load, 2, 0, op.i32_store, 2, 0,
      ...i32(8), op.i32_load, 2, 0, op.i32_eqz, op.if, op.void, ...i32(0), ...call(2), op.end,
      ...i32(1), ...i32(0), ...i32(1), ...i32(12), ...call(1), op.drop,
      op.br, 0, op.end,
    ] } },
  })

  test.each(ways)('its files are opened as the task, and hooks are asked: %s', async (_, run) => {
    const [open, secret] = [await opener('open'), await opener('secret')]
    const statuses = []
    for (const program of [open, secret]) statuses.push((await run(kernel, { program })).status)
    // preview 2 knows success and failure
    expect(statuses).toEqual([0, 1])
    await leavesNothing()
  })

  test('out of the tree, with exec hooks, also from a shell', async () => {
    writeFile(kernel, '/bin/copy', await copier(), 0o755)
    writeFile(kernel, '/bin/opener', await opener('secret'), 0o755)
    asked.length = 0
    expect(runWasi(kernel, kernel.init, { program: '/bin/opener' }).status).toBe(1)
    expect(await shell(kernel, 'fill 100000 | copy | copy | check; opener; echo $?'))
      .toMatchObject({ out: '100000 bytes, 0 wrong\n1\n', err: '', status: 0 })
    expect(asked.filter((name) => name === '/bin/copy')).toHaveLength(2)
    await leavesNothing()
  })

  test('compiled for the thread of the kernel, it keeps that where programs run in workers', async () => {
    const out = collect()
    const program = compileProgram(await copier())
    expect(await runWasiAsync(kernel, kernel.init, { program, stdin: 'abc', stdout: out.sink, waiting: 'workers' }))
      .toMatchObject({ status: 0, reason: '' })
    expect(out.text()).toBe('abc')
  })

  test.each(ways)('input that is not there yet is waited for: %s', async (_, run) => {
    const out = collect()
    let asks = 0
    const stdin = (buffer: Uint8Array) => {
      if (++asks < 4) return null
      if (asks > 4) return 0
      buffer.set(new TextEncoder().encode('late'))
      return 4
    }
    expect(await run(kernel, { program: await copier(), stdin, stdout: out.sink })).toMatchObject({ status: 0 })
    expect(out.text()).toBe('late')
  })

  test('one that waits lets others go on, and a signal ends it', async () => {
    const ends: number[] = []
    kernel.sys.pipe(kernel.init, ends)
    const saved = kernel.sys.dup(kernel.init, 0)
    kernel.sys.dup2(kernel.init, ends[0]!, 0)
    const out = collect()
    const waiting = spawnWasi(kernel, kernel.init, { program: await copier(), stdout: out.sink }) as SpawnedWasi
    kernel.sys.dup2(kernel.init, saved, 0)
    kernel.sys.close(kernel.init, ends[0]!)
    expect((await shell(kernel, 'echo beside')).out).toBe('beside\n')
    kernel.sys.write(kernel.init, ends[1]!, new TextEncoder().encode('through the pipe'))
    await expect.poll(() => out.text()).toBe('through the pipe')
    for (const fd of [ends[1]!, saved]) kernel.sys.close(kernel.init, fd)
    kernel.sys.kill(kernel.init, waiting.pid, SIGTERM)
    expect(await waiting.result).toMatchObject({ signal: SIGTERM })
    kernel.sys.wait4(kernel.init, waiting.pid, null, 0, null)
    await leavesNothing()
  })

  describe('within limits', () => {
    const limits = { ...guestLimits, time: '5 min' }
    /** For what does nothing else than run out of it. */
    const short = { ...guestLimits, time: 300 }

    test.each(ways)('of time: %s', async (_, run) => {
      const program = await componentOfModule({
        memory: [2], imports: [[PREVIEW1, 'sched_yield', ':i']],
        functions: { _start: { code: [op.loop, op.void, op.br, 0, op.end] } },
      })
      expect(await run(kernel, { program, limits: short })).toMatchObject({ signal: SIGXCPU })
    })

    test.each(ways)('of output: %s', async (_, run) => {
      const program = await componentOfModule({
        imports: [[PREVIEW1, 'fd_write', 'iiii:i']], memory: [2], data: { 0: [0, 4, 0, 0, 232, 3, 0, 0] },
        functions: { _start: { code: [
          op.loop, op.void, ...i32(1), ...i32(0), ...i32(1), ...i32(12), ...call(0), op.drop, op.br, 0, op.end,
        ] } },
      })
      const out = collect()
      expect(await run(kernel, { program, limits: { ...limits, output: 10_000 }, stdout: out.sink }))
        .toMatchObject({ signal: SIGXFSZ })
      expect(out.text()).toHaveLength(10_000)
    })

    test('of memory: what it asks beyond is not given, and one that starts with more does not start', async () => {
      const grower = (pages: number) => componentOfModule({
        imports: [[PREVIEW1, 'proc_exit', 'i:']], memory: [2],
        functions: { _start: { code: [
          ...i32(pages), op.memory_grow, 0, ...i32(0), op.i32_lt_s, ...call(0),
        ] } },
      })
      const tight = { ...limits, memory: '1 MiB' }
      expect(runWasi(kernel, kernel.init, { program: await grower(4), limits: tight }).status).toBe(0)
      expect(runWasi(kernel, kernel.init, { program: await grower(20), limits: tight }).status).toBe(1)
      const large = await componentOfModule({ memory: [100], functions: { _start: { code: [] } } })
      expect(() => runWasi(kernel, kernel.init, { program: large, limits: tight }))
        .toThrow(expect.objectContaining({ code: 'memory-limit' }))
    })

    test('of memory and tables: shared out among all instances of its modules', async () => {
      const two = await componentOfText(`(component
        (core module $a (memory (export "m") 1) (func (export "grow") (param i32) (result i32)
          (memory.grow (local.get 0))))
        (core module $b (memory (export "m") 1) (func (export "grow") (param i32) (result i32)
          (memory.grow (local.get 0))))
        (core instance $i (instantiate $a)) (core instance $j (instantiate $b))
        (func $first (param "n" u32) (result s32) (canon lift (core func $i "grow")))
        (func $second (param "n" u32) (result s32) (canon lift (core func $j "grow")))
        (export "first" (func $first)) (export "second" (func $second)))`)
      const reactor = openReactor(kernel, kernel.init, { program: two, limits: { ...limits, memory: '1 MiB' } })
      expect([reactor.call('first', 7), reactor.call('second', 8), reactor.call('second', 7)]).toEqual([1, -1, 1])
      reactor.end()
      const twice = await componentOfText(`(component
        (core module $a (memory (export "m") 1) (func (export "grow") (param i32) (result i32)
          (memory.grow (local.get 0))))
        (core instance $i (instantiate $a)) (core instance $j (instantiate $a))
        (func $first (param "n" u32) (result s32) (canon lift (core func $i "grow")))
        (func $second (param "n" u32) (result s32) (canon lift (core func $j "grow")))
        (export "first" (func $first)) (export "second" (func $second)))`)
      const both = openReactor(kernel, kernel.init, { program: twice, limits: { ...limits, memory: '1 MiB' } })
      expect([both.call('first', 7), both.call('second', 8), both.call('second', 7)]).toEqual([1, -1, 1])
      both.end()
    })

    test('of resources: those that it does not give up', async () => {
      const program = await componentOfText(`(component
        (import "wasi:io/streams@0.2.0" (instance $s (export "output-stream" (type (sub resource)))))
        (alias export $s "output-stream" (type $out))
        (import "wasi:cli/stdout@0.2.0" (instance $o (export "get-stdout" (func (result (own $out))))))
        (core func $get (canon lower (func $o "get-stdout")))
        (core module $m (import "h" "get" (func $get (result i32)))
          (func (export "all") (result i32) (loop $l (drop (call $get)) (br $l)) unreachable))
        (core instance $h (export "get" (func $get)))
        (core instance $i (instantiate $m (with "h" (instance $h))))
        (func $all (result s32) (canon lift (core func $i "all")))
        (export "all" (func $all)))`)
      const reactor = openReactor(kernel, kernel.init, { program, limits })
      expect(() => reactor.call('all')).toThrow(/too many resources/)
      expect(reactor.end()).toMatchObject({ signal: SIGILL })
    })

    test('the fuel of a module is not for another to fill', async () => {
      const program = (name: string) => componentOfText(`(component
        (core module $a (global (export "mine") (mut i32) (i32.const 0)) (func (export "f")))
        (core module $b (import "a" "g" (global $g (mut i32)))
          (func (export "spin") (loop $l (global.set $g (i32.const 0x7fffffff)) (br $l))))
        (core instance $i (instantiate $a))
        (alias core export $i "${name}" (core global $g))
        (core instance $x (export "g" (global $g)))
        (core instance $j (instantiate $b (with "a" (instance $x))))
        (func $spin (canon lift (core func $j "spin"))) (export "spin" (func $spin)))`)
      const reactor = openReactor(kernel, kernel.init, { program: await program('mine'), limits: short })
      expect(() => reactor.call('spin')).toThrow(/time limit/)
      const thief = await program('lsmkit:fuel')
      expect(() => openReactor(kernel, kernel.init, { program: thief, limits })).toThrow(/a core instance has no `lsmkit:fuel`/)
    })
  })

  describe('what breaks the rules', () => {
    const polling = (list: number, count: number) => componentOfText(`(component
      (import "wasi:io/poll@0.2.0" (instance $p
        (export "pollable" (type $x (sub resource)))
        (export "poll" (func (param "in" (list (borrow $x))) (result (list u32))))))
      (core module $mem (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024)))
      (core instance $m (instantiate $mem))
      (core func $poll (canon lower (func $p "poll")
        (memory (core memory $m "memory")) (realloc (core func $m "realloc"))))
      (core module $main (import "h" "poll" (func $poll (param i32 i32 i32)))
        (func (export "go") (call $poll (i32.const ${list}) (i32.const ${count}) (i32.const 8))))
      (core instance $h (export "poll" (func $poll)))
      (core instance $i (instantiate $main (with "h" (instance $h))))
      (func $go (canon lift (core func $i "go"))) (export "go" (func $go)))`)

    test.each([
      { what: 'a list longer than any', list: 0, count: 0x3fffffff, signal: SIGILL, reason: /a poll of 1073741823/ },
      { what: 'an empty list', list: 0, count: 0, signal: SIGILL, reason: /a poll of 0/ },
      { what: 'a list out of bounds', list: 65530, count: 4, signal: SIGSEGV, reason: /a pointer out of bounds/ },
      { what: 'a list beyond all memory', list: -8, count: 4, signal: SIGSEGV, reason: /a pointer out of bounds/ },
      { what: 'a resource that there is not', list: 0, count: 1, signal: SIGILL, reason: /no such resource: 0/ },
    ])('$what', async ({ list, count, signal, reason }) => {
      const reactor = openReactor(kernel, kernel.init, { program: await polling(list, count) })
      expect(() => reactor.call('go')).toThrow(reason)
      expect(reactor.end().signal).toBe(signal)
      await leavesNothing()
    })

    test.each([
      { what: 'parts', id: 8, entry: [3, 0] },
      { what: 'names in a type', id: 7, head: [1, 0x6d], entry: [1, 97] },
      { what: 'names of an instance', id: 5, head: [1, 1], entry: [0, 0, 1, 0] },
    ])('more $what than any component has, before all of them are read', ({ id, head = [], entry }) => {
      const of = (count: number) => {
        const entries = [...head, ...leb(count), ...Array.from({ length: count }, () => entry).flat()]
        return Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, id, ...leb(entries.length), ...entries])
      }
      // fewer are read, and are not valid
      expect(() => compileProgram(of(100_000))).toThrow(/is not valid|has no type/)
      expect(() => compileProgram(of(200_001))).toThrow('the component has too many parts')
      // a count is believed only as far as it may go
      const claimed = [...head, ...leb(0xffffffff)]
      expect(() => compileProgram(Uint8Array.from([...of(0).subarray(0, 8), id, claimed.length, ...claimed])))
        .toThrow('the component has too many parts')
    })

    test.each([
      { what: 'a later WASI', text: '(component (import "wasi:sockets/types@0.4.0" (instance)))',
        message: /imports `wasi:sockets\/types@0.4.0`/, hint: /0\.2 and 0\.3/ },
      { what: 'an interface that 0.3 has not', text: '(component (import "wasi:sockets/tcp@0.3.0" (instance)))',
        message: /imports `wasi:sockets\/tcp@0.3.0`/, hint: /0\.2 and 0\.3/ },
      { what: 'functions of a host of its own', text: '(component (import "beep" (func)))',
        message: /imports `beep`/, hint: /^give it: `imports: \{ 'beep': … \}`$/ },
      { what: 'threads', text: '(component (core func (canon thread.index)))',
        message: /a function that is not known here/, hint: /asynchronous/ },
    ])('is refused by a sentence: $what', async ({ text, message, hint }) => {
      const program = await componentOfText(text)
      expect(() => openReactor(kernel, kernel.init, { program }))
        .toThrow(expect.objectContaining({ message: expect.stringMatching(message) as string,
          hint: expect.stringMatching(hint) as string }))
    })

    test('bytes that are cut or changed end in a sentence, whatever they are', async () => {
      const whole = await copier()
      const limits = { ...guestLimits, time: 200 }
      let seed = 1
      const random = (below: number): number => (seed = (seed * 48271) % 2147483647) % below
      for (let i = 0; i < 400; i++) {
        const bytes = i % 2 === 0 ? whole.slice(0, random(whole.length)) : whole.slice()
        // what is not in a core module: those are the engine's to look at
        for (let j = 0; j < 3; j++) {
          const at = random(2) === 0 ? 8 + random(3000) : whole.length - 1 - random(6000)
          if (at < bytes.length) bytes[at] = random(256)
        }
        try {
          const { status } = runWasi(kernel, kernel.init, { program: bytes, limits, stdin: '', stdout: () => {} })
          expect(status).toBeGreaterThanOrEqual(0)
        } catch (error) {
          expect(error).toMatchObject({ name: 'ProgramError' })
        }
      }
      await leavesNothing()
    })
  })

  describe('reactors', () => {
    test('take and give values of all types', async () => {
      const program = await componentOfText(`(component
        (core module $m (memory (export "memory") 1)
          (global $next (mut i32) (i32.const 1024))
          (func (export "realloc") (param i32 i32 i32 i32) (result i32)
            (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
            (global.get $next)
            (global.set $next (i32.add (global.get $next) (local.get 3))))
          (func (export "pair") (param i32 i32) (result i32)
            (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1)) (i32.const 0))
          (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
          (func (export "long") (param i64) (result i64) (local.get 0))
          (func (export "half") (param f64) (result f64) (f64.div (local.get 0) (f64.const 2)))
          (func (export "four") (param i32 i32 i32 f32) (result i32)
            (i32.store8 (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1))
            (i32.store (i32.const 24) (local.get 2)) (f32.store (i32.const 28) (local.get 3)) (i32.const 16))
          (func (export "one") (param i32) (result i32) (local.get 0))
          (func (export "maybe") (param i32 i32) (result i32)
            (i32.store8 (i32.const 32) (local.get 0)) (i32.store (i32.const 36) (local.get 1)) (i32.const 32)))
        (core instance $i (instantiate $m))
        (type $rgb (enum "red" "green" "blue")) (type $bits (flags "a" "b" "c"))
        (type $point (record (field "deep" bool) (field "name" string) (field "size" f32)))
        (type $v (variant (case "none") (case "number" u32)))
        (export $rgb' "rgb" (type $rgb)) (export $bits' "bits" (type $bits))
        (export $point' "point" (type $point)) (export $v' "v" (type $v))
        (func $text (param "t" string) (result string)
          (canon lift (core func $i "pair") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
        (func $list (param "l" (list u16)) (result (list u16))
          (canon lift (core func $i "pair") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
        (func $bytes (param "l" (list u8)) (result (list u8))
          (canon lift (core func $i "pair") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
        (func $tuple (param "l" (tuple u32 s32)) (result (tuple s32 u32))
          (canon lift (core func $i "pair") (memory (core memory $i "memory"))))
        (func $add (param "a" s8) (param "b" s8) (result s8) (canon lift (core func $i "add")))
        (func $long (param "a" u64) (result s64) (canon lift (core func $i "long")))
        (func $half (param "a" f64) (result f64) (canon lift (core func $i "half")))
        (func $record (param "p" $point') (result $point')
          (canon lift (core func $i "four") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
        (func $enum (param "c" $rgb') (result $rgb') (canon lift (core func $i "one")))
        (func $flags (param "c" $bits') (result $bits') (canon lift (core func $i "one")))
        (func $char (param "c" char) (result char) (canon lift (core func $i "one")))
        (func $option (param "o" (option u32)) (result (option u32))
          (canon lift (core func $i "maybe") (memory (core memory $i "memory"))))
        (func $result (param "o" (result s32 (error u32))) (result (result s32 (error u32)))
          (canon lift (core func $i "maybe") (memory (core memory $i "memory"))))
        (func $variant (param "o" $v') (result $v')
          (canon lift (core func $i "maybe") (memory (core memory $i "memory"))))
        (export "text" (func $text)) (export "list" (func $list)) (export "bytes" (func $bytes))
        (export "tuple" (func $tuple)) (export "add" (func $add)) (export "long" (func $long))
        (export "half" (func $half)) (export "record" (func $record)) (export "enum" (func $enum))
        (export "flags" (func $flags)) (export "char" (func $char)) (export "option" (func $option))
        (export "result" (func $result)) (export "variant" (func $variant)))`)
      const reactor = openReactor(kernel, kernel.init, { program, limits: guestLimits })
      const point = { deep: true, name: 'Größe', size: 1.5 }
      const rows = [
        ['text', ['häβ 🎈'], 'häβ 🎈'], ['text', [''], ''], ['list', [[1, 2, 65535]], [1, 2, 65535]],
        ['bytes', [Uint8Array.of(7, 8)], Uint8Array.of(7, 8)], ['tuple', [[1, -2]], [1, 4294967294]],
        ['add', [100, 100], -56], ['long', [2n ** 64n - 1n], -1n], ['half', [3], 1.5], ['record', [point], point],
        ['enum', ['blue'], 'blue'], ['flags', [['c', 'a']], ['a', 'c']], ['char', ['🎈'], '🎈'],
        ['option', [5], 5], ['option', [null], null], ['result', [{ ok: -3 }], { ok: -3 }],
        ['result', [{ error: 3 }], { error: 3 }], ['variant', [{ case: 'number', value: 9 }],
          { case: 'number', value: 9 }], ['variant', [{ case: 'none' }], { case: 'none', value: null }],
      ] as const
      for (const [name, args, answer] of rows) expect([name, reactor.call(name, ...args)]).toEqual([name, answer])
      const refused = [
        ['add', [128, 0]], ['add', [1]], ['add', [1.5, 1]], ['add', ['1', 1]], ['long', [1]], ['text', [1]],
        ['enum', ['pink']], ['flags', [['d']]], ['char', ['ab']], ['record', [{}]], ['result', [{}]],
        ['variant', [{ case: 'other' }]], ['list', [[70000]]], ['bytes', [[1]]], ['half', [null]],
      ] as const
      for (const [name, args] of refused)
        expect(() => reactor.call(name, ...args), name).toThrow(expect.objectContaining({ code: 'bad-value' }))
      // it goes on after what it was not given
      expect(reactor.call('add', 1, 2)).toBe(3)
      expect(reactor.end().status).toBe(0)
      await leavesNothing()
    })

    test.each([
      // 16 lists, each of the whole memory
      { of: 'string', count: 16, length: 65536, reason: /an answer longer than the memory/ },
      { of: '(list u8)', count: 16, length: 65536, reason: /an answer longer than the memory/ },
      { of: '(list (list u8))', count: 4, length: 1000, reason: /an answer longer than the memory/ },
      { of: '(list (tuple u8))', count: 16, length: 65536, reason: /an answer longer than the memory/ },
      { of: '(list u8)', count: 2 ** 30, length: 0, reason: /a list longer than 2\^28 bytes/ },
    ])('an answer of lists over one another ends it: $count of $of', async ({ of, count, length, reason }) => {
      const program = await componentOfText(`(component
        (core module $m (memory (export "memory") 1)
          (func (export "all") (result i32) (local $at i32)
            (loop $l
              (i32.store (local.get $at) (i32.const 0)) (i32.store offset=4 (local.get $at) (i32.const ${length}))
              (br_if $l (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 65528))))
            (i32.store (i32.const 65528) (i32.const 0)) (i32.store (i32.const 65532) (i32.const ${count}))
            (i32.const 65528)))
        (core instance $i (instantiate $m))
        (func $all (result (list ${of})) (canon lift (core func $i "all") (memory (core memory $i "memory"))))
        (export "all" (func $all)))`)
      const reactor = openReactor(kernel, kernel.init, { program, limits: guestLimits })
      expect(() => reactor.call('all')).toThrow(reason)
      expect(reactor.end().status).not.toBe(0)
    })

    /** A command whose inner component is `inner`. */
    const commandOf = (inner: string) => componentOfText(`(component ${inner}
      (core module $m (import "" "f" (func $f (result i32))) (func (export "run") (result i32) (call $f)))
      (core func $f (canon lower (func $c "f")))
      (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
      (func $run (result (result)) (canon lift (core func $i "run")))
      (instance $r (export "run" (func $run))) (export "wasi:cli/run@0.2.0" (instance $r)))`)
    const composed = `(component $C (core module $m (func (export "f") (result i32) (i32.const 1)))
      (core instance $i (instantiate $m)) (func $f (result u32) (canon lift (core func $i "f")))
      (export "f" (func $f))) (instance $c (instantiate $C))`

    test('what is composed of others that call one another runs, in both ways and out of the tree', async () => {
      const program = await commandOf(composed)
      writeFile(kernel, '/composed', program, 0o755)
      for (const [, run] of ways)
        for (const each of [program, '/composed'])
          expect(await run(kernel, { program: each, limits: guestLimits })).toMatchObject({ status: 1, reason: '' })
    })

    test('modules that do not fit together are told by name of what is wrong', async () => {
      const program = await componentOfText(`(component
        (core module $a (func (export "f") (result i64) (i64.const 1)))
        (core module $b (import "" "f" (func (result i32))) (func (export "run") (result i32) (i32.const 0)))
        (core instance $x (instantiate $a)) (core instance $y (instantiate $b (with "" (instance $x))))
        (func $run (result (result)) (canon lift (core func $y "run")))
        (instance $r (export "run" (func $run))) (export "wasi:cli/run@0.2.0" (instance $r)))`)
      const refused = { code: 'malformed-module', message: /what is given for `.f` is of another type/ }
      for (const [, run] of ways)
        await expect((async () => run(kernel, { program, limits: guestLimits }))()).rejects.toMatchObject(refused)
    })

    test('a command is none, and a reactor is no command', async () => {
      const program = await componentOfText('(component)')
      expect(() => runWasi(kernel, kernel.init, { program })).toThrow(/no `wasi:cli\/run`/)
      const command = await copier()
      expect(() => openReactor(kernel, kernel.init, { program: command })).toThrow(/has a `wasi:cli\/run`/)
      expect(kernel.sys.openat(kernel.init, AT_FDCWD, '/open', O_RDONLY, 0)).toBeGreaterThanOrEqual(0)
    })
  })
})
