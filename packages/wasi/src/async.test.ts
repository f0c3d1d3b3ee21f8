import { SIGKILL, SIGXCPU } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { defineLsm } from '@lsmkit/core'
import type { Lsm } from '@lsmkit/core'
import { describe, expect, test } from 'vitest'
import type { Kernel } from '@lsmkit/kernel'
import { guestLimits, ProgramError, runWasi, runWasiAsync, spawnWasi } from './index.ts'
import type { WasiOptions } from './index.ts'
import { bootForTest, collect, writeFile } from './testing/boot.ts'
import { call as callOf, i32, op, testModule } from './testing/module.ts'
import { installTools, shell as shellOn, toolBytes } from '../test/tools.ts'

const booted = (...lsms: Lsm[]) => {
  const kernel = bootForTest([capability(), ...lsms])
  installTools(kernel)
  return kernel
}
const kernel = booted()
kernel.sys.mknod(kernel.init, '/tmp/fifo', 0o010666, 0)
/** Nothing is left of what a test has started, a moment later. */
const leavesNothing = () => expect.poll(() => kernel.machine.tasks.processes.size).toBe(1)

describe.each(['suspended', 'workers'] as const)('programs that talk, %s', (waiting) => {
  const shell = (on: Kernel, text: string, options: Partial<WasiOptions> = {}) =>
    shellOn(on, text, { waiting, ...options })

  test('a pipeline of three, longer than any pipe', async () => {
    expect(await shell(kernel, 'fill 3000000 200000 | cat | check')).toMatchObject({ out: '3000000 bytes, 0 wrong\n',
      status: 0 })
    await leavesNothing()
  })

  test('a writer whose reader has gone gets SIGPIPE, a reader whose writer has gone an end', async () => {
    expect(await shell(kernel, 'fill 1000000 | true; fill 100 | cat | check'))
      .toMatchObject({ out: '100 bytes, 0 wrong\n', err: '' })
    await leavesNothing()
  })

  test('a name that is not UTF-8 is an argument like any other', async () => {
    writeFile(kernel, '/tmp/b\udcff', 'there')
    expect(await shell(kernel, 'cat /tmp/b*')).toMatchObject({ out: 'there', err: '', status: 0 })
    expect(kernel.sys.unlink(kernel.init, '/tmp/b\udcff')).toBe(0)
  })

  test('signals and statuses', async () => {
    const { out } = await shell(kernel, 'signals')
    expect(out).toBe([
      'SIGCHLD was default: 0', 'pause is interrupted: 1', 'by: 17', 'no more: 0', 'waited for the child: 1',
      'status: 7',
      'no child left: 1', 'read is interrupted: 1', 'by: 17', 'end of file: 0', 'the writer ended by: 13', 'EPIPE: 1',
      'no such program: 1', 'stopped by: 19', 'still there: 0', 'continued: 1', 'status: 3', 'blocked: 0',
      'unblocked: 10', '',
    ].join('\n'))
    await leavesNothing()
  })

  test('a program that has stopped ends by its time, and what it has stopped', async () => {
    const text = 'while true; do true; done & kill -19 $!; kill -19 $$; echo on'
    const { out, reason } = await shell(kernel, text, { limits: { ...guestLimits, time: 500 } })
    expect({ out, reason }).toEqual({ out: '', reason: 'SIGXCPU: time limit' })
    await leavesNothing()
  })

  test('the sockets of WasmEdge, over the loopback', async () => {
    expect(await shell(kernel, 'wasmedge')).toMatchObject({ status: 0, err: '', out: [
      'open: 0', 'setsockopt: 0', 'bind: 0', 'listen: 0', 'accepts: 1', 'connect: 0', 'accept: 0', 'peer: 0',
      'port: 8000', 'family: 1', 'read: 4', 'end: 0', 'bind: 0', 'send_to: 0', 'recv_from: 0', 'bytes: 8', 'local: 0',
      'from: 1', 'getaddrinfo: 0', 'found: 1', 'no name: 44', '',
    ].join('\n') })
    await leavesNothing()
  })

  test('many wait at once, and the kernel goes on', async () => {
    const readers = Array.from({ length: 20 }, () => 'cat /tmp/fifo & P="$P $!"').join('\n')
    const { out } = await shell(kernel, `${readers}\necho still; fill 100 | check; kill $P; wait; echo over`)
    expect(out).toBe('still\n100 bytes, 0 wrong\nover\n')
    await leavesNothing()
  })

  test('both sides of a FIFO wait for each other', async () => {
    expect((await shell(kernel, 'cat /tmp/fifo & echo line > /tmp/fifo; wait')).out).toBe('line\n')
    expect((await shell(kernel, 'sh -c "echo back > /tmp/fifo" & cat /tmp/fifo; wait')).out).toBe('back\n')
    await leavesNothing()
  })

  test('one that waits can be killed, stopped, and runs out of time', async () => {
    expect((await shell(kernel, 'sh -c "read x" < /tmp/fifo & kill $!; wait $!; echo $?')).out).toBe('143\n')
    expect(await shell(kernel, 'cat < /tmp/fifo', { limits: { time: 100 } })).toMatchObject({ signal: SIGXCPU })
    await leavesNothing()
  })

  test('one that only computes keeps nobody from running, where loops are metered', async () => {
    const spin = testModule({ memory: [1], functions: { _start: { code: [op.loop, op.void, op.br, 0, op.end] } } })
    writeFile(kernel, '/bin/spin', spin, 0o755)
    const { out } = await shell(
      kernel, 'spin & fill 300000 | cat | check; kill -KILL $!; wait $!; echo $?', { limits: { loops: true,
        time: '5 min' } },
    )
    expect(out).toBe(`300000 bytes, 0 wrong\n${128 + SIGKILL}\n`)
    await leavesNothing()
  })

  test('`current` is whoever makes the call, however often it slept', async () => {
    const seen = new Map<string, Set<string>>()
    const stack = { current: null as null | { task: { comm: string } } }
    const spy = defineLsm({
      name: 'spy', abi: '1.0', id: 1000,
      hooks: {
        file_permission(file, mask) {
          if ((file.f_inode.i_mode & 0o170000) === 0o010000) {
            const who = stack.current!.task.comm
            seen.set(who, (seen.get(who) ?? new Set()).add(mask === 4 ? 'read' : 'write'))
          }
          return 0
        },
      },
    })
    const own = booted(spy)
    stack.current = own.machine.current as never
    const { out } = await shell(own, 'fill 1000000 | cat | check')
    expect(out).toBe('1000000 bytes, 0 wrong\n')
    expect([...seen.get('fill')!]).toEqual(['write'])
    expect([...seen.get('cat')!].sort()).toEqual(['read', 'write'])
    expect([...seen.get('check')!].sort()).toEqual(['read', 'write'])
  })

  test('hooks are asked of what is spawned, and may refuse it', async () => {
    const noCat = defineLsm({
      name: 'no-cat', abi: '1.0', id: 1000,
      hooks: { bprm_check_security: (bprm) => (bprm.filename === '/bin/cat' ? -13 : 0) },
    })
    expect(await shell(booted(noCat), 'cat /bin/sh; echo $?')).toMatchObject({ out: '126\n',
      err: 'sh: cat: Permission denied\n' })
  })
})

describe('running beside one another', () => {
  test('two calls at once, on pipes that the caller has made', async () => {
    const { sys, init } = kernel
    const ends: number[] = []
    sys.pipe(init, ends)
    const [reading, writing] = ends as [number, number]
    sys.dup2(init, writing, 1)
    const writer = spawnWasi(kernel, init, { posix: true, program: '/bin/fill', argv: ['fill', '200000'],
      stderr: () => {} })
    sys.close(init, 1)
    sys.close(init, writing)
    sys.dup2(init, reading, 0)
    const out = collect()
    const reader = runWasiAsync(kernel, init, { posix: true, program: toolBytes('test/check'), stdout: out.sink })
    sys.close(init, 0)
    sys.close(init, reading)
    expect(await reader).toMatchObject({ status: 0 })
    expect(out.text()).toBe('200000 bytes, 0 wrong\n')
    if (!('result' in writer)) throw new Error('not started')
    expect(await writer.result).toMatchObject({ status: 0 })
    expect(sys.wait4(init, writer.pid, null, 0, null)).toBe(writer.pid)
    await leavesNothing()
  })

  test('a program that starts others does not run where none can run beside it', async () => {
    expect(() => runWasi(kernel, kernel.init, { program: toolBytes('sh'), posix: true })).toThrow(ProgramError)
    expect(runWasi(kernel, kernel.init, { program: '/bin/sh', posix: true })).toMatchObject({
      status: 126, reason: 'the program starts other programs, which have to run beside it (runWasiAsync runs it)',
    })
    await leavesNothing()
  })

  test('one whose calls never wait lets the host have its turn, where loops are metered', async () => {
    let calls = 0
    const slow = defineLsm({
      name: 'slow', abi: '1.0', id: 1000,
      hooks: {
        inode_getattr() {
          if (++calls === 20) setTimeout(killAll)
          for (const end = performance.now() + 0.5; performance.now() < end;);
          return 0
        },
      },
    })
    const own = booted(slow)
    const stat = [...i32(3), ...i32(64), ...callOf(0), op.drop]
    const program = testModule({
      imports: [['wasi_snapshot_preview1', 'fd_filestat_get', 'ii:i']], memory: [1],
      functions: { _start: { code: [op.loop, op.void, ...stat, op.br, 0, op.end] } },
    })
    const killAll = (): void => {
      for (const task of own.machine.tasks.processes) if (task !== own.init) own.sys.kill(own.init, task.pid, SIGKILL)
    }
    const limits = { loops: true, time: '2 min' }
    const ended = await runWasiAsync(own, own.init, { program, waiting: 'suspended', limits })
    expect(ended).toMatchObject({ signal: SIGKILL })
    // calls that take half a millisecond, until the next turn
    expect(calls).toBeLessThan(400)
  })

  test('there are no processes unless they are given', async () => {
    await expect(runWasiAsync(kernel, kernel.init, { program: toolBytes('sh') })).rejects
      .toMatchObject({ code: 'unknown-import', hint: 'it needs the option `posix`, `--posix` of lsm run' })
    const out = collect()
    const given = { posix: true, argv: ['sh', '-c', 'echo yes'], stdout: out.sink }
    expect(await runWasiAsync(kernel, kernel.init, { program: toolBytes('sh'), ...given })).toMatchObject({ status: 0 })
    expect(out.text()).toBe('yes\n')
    await leavesNothing()
  })

  test('what a worker takes to start is not on the time of its program', async () => {
    let clock = 0
    const limits = { time: 1000 }
    const options: WasiOptions = { program: toolBytes('cat'), posix: true, stdin: '', waiting: 'workers', limits }
    const ended = runWasiAsync(kernel, kernel.init, { ...options, host: { now: () => clock } })
    // the thread has been asked for, and its first message comes later
    for (let turns = 0; turns < 10; turns++) await Promise.resolve()
    clock += 5000
    expect(await ended).toMatchObject({ status: 0, reason: '' })
  })

  test('what the limits of a guest hold, they hold for all that it starts, until the last has ended', async () => {
    const { out, err } = await shellOn(kernel, 'cat /dev/null | cat | cat | cat; echo $?', { limits: { processes: 3 } })
    expect({ out, err }).toEqual({ out: '126\n', err: 'sh: cat: Resource temporarily unavailable\n'.repeat(2) })
    expect((await shellOn(kernel, 'sh -c "fill 100 | check &"', { limits: { processes: 8 } })).status).toBe(0)
    await leavesNothing()
    expect((await shellOn(kernel, 'cat /dev/null | cat | cat | cat; echo $?')).out).toBe('0\n')
  })
})
