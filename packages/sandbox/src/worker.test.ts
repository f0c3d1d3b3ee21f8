/** The same boxes off the event loop: kernels in one worker, guests in workers of their own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, memory } from './index.ts'
import type { Access, Denial, FleetPolicy, Policy, Sandbox, SandboxOptions } from './index.ts'
import { busyLoop, tool } from './testing/programs.ts'

const cat = tool('cat')
const options: SandboxOptions = {
  allow: { read: ['/data'], write: ['/out'] }, mounts: { '/data': memory(), '/out': memory() },
}

describe.each([{ inline: true }, { inline: false }])('$inline', ({ inline }) => {
  let box: Sandbox
  beforeAll(async () => {
    box = await createSandbox({ ...options, inline })
    await box.fs.writeFile('/data/table', 'hello\n')
    // the sources of all packages are read by another thread first
  })
  afterAll(() => box.close())

  test('a program, its streams and its refusals', async () => {
    expect(await box.run(cat, { args: ['/data/table'] })).toMatchObject({ status: 0, stdout: 'hello\n' })
    expect(await box.run(cat, { stdin: 'typed' })).toMatchObject({ status: 0, stdout: 'typed' })
    await box.fs.writeFile('/secret', 'x')
    const { status, denials } = await box.run(cat, { args: ['/secret'] })
    expect(status).toBe(1)
    expect(denials.map(({ sentence }) => sentence)).toEqual([
      '`/secret`: read refused by landlock, not beneath /data',
    ])
    const next = await box.with(denials[0]!.permit!)
    expect(await next.run(cat, { args: ['/secret'] })).toMatchObject({ status: 0, stdout: 'x' })
    await next.close()
  })

  test('links: errors of names, of `box.fs`, and by a user', async () => {
    await expect(createSandbox({ inline, allow: { read: ['/proc/self'] } })).rejects.toMatchObject({
      code: 'link', place: 'allow: read', message: expect.stringMatching(/^`\/proc\/self` is a link to `\d+`/) as string,
    })
    const guest = box.fs.as('guest')
    await box.fs.writeFile('/key', 'KEY')
    await guest.symlink('/key', '/out/answer')
    await expect(guest.readFile('/out/answer')).rejects.toMatchObject({ code: 'EACCES' })
    await expect(box.fs.readFile('/out/answer')).rejects.toMatchObject({ code: 'ELOOP', path: '/out/answer' })
    expect(await box.fs.readFile('/out/answer', { follow: true, encoding: 'utf8' })).toBe('KEY')
    await guest.unlink('/out/answer')
  })

  test('at a terminal', async () => {
    const terminal = { rows: 33, columns: 99 }
    const script = 'test -t 0 && test -t 1 && test -t 2 && echo is a tty'
    const asked = await box.run(tool('sh'), { args: ['-c', script], terminal })
    expect(asked).toMatchObject({ status: 0, stdout: 'is a tty\r\n', stderr: '' })
    const { status, stdout, usage } = await box.run(cat, { terminal, stdin: 'helol\x7f\x7flo\rrest\r' })
    expect(status).toBe(0)
    // what is echoed, and what is read
    expect(stdout).toMatch(/lo\r\n[^]*hello\r\n[^]*rest\r\n$/)
    expect(usage.output).toBe(stdout.length)
    const over = await box.run(tool('sh'), {
      args: ['-c', 'while :; do echo y; done'], terminal: { rows: 3, columns: 9 }, limits: { output: 1000 },
    })
    expect(over).toMatchObject({ status: 128 + 25, reason: 'SIGXFSZ: output limit of 1000 bytes' })
    expect(over.stdout).toHaveLength(1000)
    await expect(box.run(cat, { terminal: { rows: 3 } as never })).rejects.toThrow('`columns` is not')
  })

  test('errors are those of fs, and of programs', async () => {
    await expect(box.fs.readFile('/none')).rejects.toMatchObject({
      code: 'ENOENT', errno: -2, syscall: 'open', path: '/none',
      message: "ENOENT: no such file or directory, open '/none'",
    })
    await expect(box.run(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({ code: 'not-a-module' })
    await expect(box.run(cat, { user: 'nobody-knows' })).rejects.toMatchObject({ code: 'not-there' })
    await expect(box.run(cat, { argv: [] } as never)).rejects.toMatchObject({ code: 'unknown-option' })
  })

  test('a loop ends at its limit', async () => {
    await box.run(busyLoop, { limits: { time: 1 } })
    const run = await box.run(busyLoop, { limits: { time: 200 } })
    expect(run).toMatchObject({ status: 152, signal: 24, reason: 'SIGXCPU: time limit' })
    expect(run.usage.time).toBeGreaterThanOrEqual(200)
  })

  test('an abort ends it, and the box goes on', async () => {
    const abort = new AbortController()
    const run = box.run(cat, { stdin: new ReadableStream(), signal: abort.signal })
    setTimeout(() => abort.abort(new Error('enough')), 20)
    await expect(run).rejects.toThrow('enough')
    expect(await box.run(cat, { args: ['/data/table'] })).toMatchObject({ status: 0 })
    await expect(box.run(cat, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before')
  })

  test('an abort ends a loop that makes no call', async () => {
    const run = box.run(busyLoop, { limits: { time: 120_000 }, signal: AbortSignal.timeout(50) })
    await expect(run).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(await box.run(cat, { args: ['/data/table'] })).toMatchObject({ status: 0 })
  })

  test('what is read and written is streamed, and nobody is flooded', async () => {
    const part = new Uint8Array(1 << 16).fill(7)
    let asked = 0
    const stdin = new ReadableStream<Uint8Array>({
      pull: (to) => (++asked > 64 ? to.close() : to.enqueue(part)),
    }, { highWaterMark: 0 })
    let taken = 0
    let most = 0
    const stdout = new WritableStream<Uint8Array>({
      write: async (bytes) => {
        taken += bytes.length
        most = Math.max(most, asked * part.length - taken)
        await new Promise((resolve) => setTimeout(resolve, 1))
      },
    })
    expect(await box.run(cat, { stdin, stdout })).toMatchObject({ status: 0, stdout: '' })
    expect(taken).toBe(64 * part.length)
    expect(most).toBeLessThan(16 * part.length)
  })

  test('a snapshot brings the files back', async () => {
    await box.fs.mkdir('/out/dir')
    await box.fs.writeFile('/out/dir/a', 'one', { mode: 0o600 })
    await box.fs.symlink('a', '/out/dir/link')
    await box.fs.link('/out/dir/a', '/out/dir/other')
    await box.fs.setxattr('/out/dir/a', 'user.note', 'kept')
    await box.fs.utimes('/out/dir/a', 1000, 2000)
    const before = await box.snapshot()
    await box.fs.rm('/out/dir', { recursive: true })
    await box.fs.writeFile('/out/new', 'x')
    await box.restore(before)
    expect((await box.fs.readdir('/out', { recursive: true })).sort())
      .toEqual(['dir', 'dir/a', 'dir/link', 'dir/other'])
    const stat = await box.fs.stat('/out/dir/other')
    expect([stat.mode & 0o777, stat.nlink, stat.mtimeMs, stat.size]).toEqual([0o600, 2, 2_000_000, 3])
    expect(await box.fs.readlink('/out/dir/link')).toBe('a')
    expect(new TextDecoder().decode(await box.fs.getxattr('/out/dir/a', 'user.note'))).toBe('kept')
    // rules lie where they did
    expect(await box.run(cat, { args: ['/data/table'] })).toMatchObject({ status: 0 })
  })

  test('a device is a function of the host', async () => {
    const heard: string[] = []
    const other = await createSandbox({
      inline, allow: { read: ['/dev/model'], write: ['/dev/log'] },
      devices: {
        '/dev/model': {
          open: () => ({ left: ['yes', ' and no'] }),
          read: async (length, handle) => (handle as { left: string[] }).left.shift()?.slice(0, length) ?? null,
          close: () => void heard.push('closed'),
        },
        '/dev/log': { write: (bytes) => void heard.push(new TextDecoder().decode(bytes)) },
        '/dev/busy': { open: () => { throw Object.assign(new Error('in use'), { code: 'EBUSY' }) } },
      },
    })
    expect(await other.run(cat, { args: ['/dev/model'] })).toMatchObject({ status: 0, stdout: 'yes and no' })
    expect(await other.run(tool('cp'), { args: ['/dev/model', '/dev/log'] })).toMatchObject({ status: 0 })
    expect(heard.filter((what) => what !== 'closed')).toEqual(['yes', ' and no'])
    const refused = await other.run(cat, { args: ['/dev/log'] })
    expect(refused.denials.map(({ sentence }) => sentence)).toEqual([
      '`/dev/log`: read refused by landlock, not beneath /dev/model',
    ])
    await other.close()
  })

  test('boxes of different policies stand side by side', async () => {
    const boxes = await Promise.all([['/data'], ['/out']].map((read) =>
      createSandbox({ inline, allow: { read }, mounts: { '/data': memory(), '/out': memory() } })))
    const runs = await Promise.all(boxes.map(async (one) => {
      for (const path of ['/data/a', '/out/a']) await one.fs.writeFile(path, path)
      return (await one.run(cat, { args: ['/data/a', '/out/a'] })).stdout
    }))
    expect(runs).toEqual(['/data/a', '/out/a'])
    await Promise.all(boxes.map((one) => one.close()))
  })
})

test('the thread that asks goes on while a program computes', async () => {
  const box = await createSandbox(options)
  const enough = new AbortController()
  let isOver = false
  const run = box.run(busyLoop, { limits: { time: '2 min' }, signal: enough.signal }).finally(() => (isOver = true))
  for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(isOver).toBe(false)
  enough.abort()
  await expect(run).rejects.toThrow()
  await box.close()
})

class Agent implements FleetPolicy {
  readonly seen = new Map<string, number>()
  readonly #policy: Policy = { version: 1, allow: { read: ['/data'], write: ['/out'] } }

  sandboxPolicy(): Policy {
    return this.#policy
  }

  onDenial({ act, path }: Denial): void {
    this.#count(`denied ${act} ${String(path)}`, 1)
  }

  onAccesses(accesses: readonly Access[]): void {
    for (const { question, count } of accesses) {
      this.#count(question.kind === 'path' ? `${question.right} ${question.path}` : question.kind, count)
    }
  }

  #count(what: string, count: number): void {
    this.seen.set(what, count + (this.seen.get(what) ?? 0))
  }
}

test('an agent of a fleet gets refusals, and each access that is allowed once a run', async () => {
  const agent = new Agent()
  const box = await createSandbox({ fleet: agent })
  await box.fs.writeFile('/data/a', 'a')
  await box.fs.writeFile('/secret', 'x')
  await box.run(cat, { args: ['/data/a', '/data/a', '/secret'] })
  await box.run(cat, { args: ['/data/a'] })
  await box.run(tool('cp'), { args: ['/data/a', '/out/b'] })
  await box.close()
  expect([...agent.seen].filter(([text]) => !/ \/(dev|proc|etc)\b/.test(text)).toSorted()).toEqual([
    ['denied read /secret', 1], ['make /out/b', 1], ['read /data/a', 3], ['write /out/b', 1],
  ])
})

test('a module that is a function stays in its thread', async () => {
  await expect(createSandbox({ modules: [() => { throw new Error('never called') }] }))
    .rejects.toMatchObject({ code: 'inline-only' })
})
