/** A box inline: what its programs may do, what they are refused, and how that is told. */
import { describe, expect, test } from 'vitest'
import { createSandbox, memory } from './index.ts'
import type { Denial, RunResult, Sandbox, SandboxOptions } from './index.ts'
import { insideOf } from './inside.ts'
import { tool } from './testing/programs.ts'

const [cat, ls, cp, sh] = [tool('cat'), tool('ls'), tool('cp'), tool('sh')]

const allow = { read: ['/data'], write: ['/out'], exec: ['/bin'] }
const inline = async (more: Partial<SandboxOptions> = {}) => {
  const box = await createSandbox({ inline: true, allow, mounts: { '/data': memory(), '/out': memory() }, ...more })
  await box.fs.writeFile('/data/table', 'one\ntwo\n')
  await box.fs.mkdir('/etc', { recursive: true })
  await box.fs.writeFile('/etc/shadow', 'secret')
  return box
}
const sentences = ({ denials }: RunResult): string[] => denials.map(({ sentence }) => sentence)

describe('what is not allowed is refused, and told', () => {
  test('reading', async () => {
    const box = await inline()
    expect(await box.run(cat, { args: ['/data/table'] }))
      .toMatchObject({ status: 0, stdout: 'one\ntwo\n', stderr: '', denials: [] })
    const refused = await box.run(cat, { args: ['/etc/shadow'] })
    expect(refused).toMatchObject({ status: 1, stdout: '', stderr: 'cat: /etc/shadow: Permission denied\n' })
    expect(sentences(refused)).toEqual(['`/etc/shadow`: read refused by landlock, not beneath /data'])
    const listed = await box.run(ls, { args: ['/'] })
    expect(sentences(listed)).toEqual(['`/`: read refused by landlock, not beneath /data'])
  })

  test('writing', async () => {
    const box = await inline()
    expect(await box.run(cp, { args: ['/data/table', '/out/copy'] })).toMatchObject({ status: 0, denials: [] })
    expect(await box.fs.readFile('/out/copy', 'utf8')).toBe('one\ntwo\n')
    const refused = await box.run(cp, { args: ['/data/table', '/data/copy'] })
    expect(sentences(refused)).toEqual(['`/data/copy`: write refused by the read-only mount, not beneath /out'])
    expect(await box.fs.readdir('/data')).toEqual(['table'])
  })

  test('a program of the tree is executed only beneath `exec`', async () => {
    const box = await inline()
    await box.fs.mkdir('/opt')
    for (const path of ['/bin/cat', '/opt/cat']) await box.fs.writeFile(path, cat, { mode: 0o755 })
    expect(await box.run('/bin/cat', { args: ['/data/table'] })).toMatchObject({ status: 0, stdout: 'one\ntwo\n' })
    const refused = await box.run('/opt/cat', { args: ['/data/table'] })
    expect(refused.status).toBe(126)
    expect(sentences(refused)).toEqual(['`/opt/cat`: execute refused by landlock, not beneath /bin'])
  })

  test('children of a program are told of with it', async () => {
    const box = await inline()
    await box.fs.writeFile('/bin/cat', cat, { mode: 0o755 })
    const run = await box.run(sh, { args: ['-c', 'cat /etc/shadow; exit 3'], env: { PATH: '/bin' } })
    expect(run.status).toBe(3)
    expect(sentences(run)).toEqual(['`/etc/shadow`: read refused by landlock, not beneath /data'])
  })

  test('the file itself', async () => {
    const box = await inline()
    await box.fs.chmod('/data/table', 0o200)
    const refused = await box.run(cat, { args: ['/data/table'], user: 'nobody' })
    expect(sentences(refused)).toEqual([
      '`/data/table`: open refused by the file itself, by its mode, its owner or its kind',
    ])
    expect(refused.denials[0]!.permit).toBeNull()
  })

  test('nothing is allowed where nothing is said', async () => {
    const box = await createSandbox({ inline: true })
    expect(sentences(await box.run(ls, { args: ['/'] }))).toEqual(['`/`: read refused by landlock, nothing is allowed'])
  })
})

describe('approval', () => {
  test('is a box from before the run, under the wider policy; the first stays as it is', async () => {
    const box = await inline()
    const script = 'echo tried >>/out/log; cat /etc/shadow'
    await box.fs.writeFile('/bin/cat', cat, { mode: 0o755 })
    const once = await box.run(sh, { args: ['-c', script], env: { PATH: '/bin' } })
    const permit = once.denials[0]!.permit!
    expect(permit).toMatchObject({ run: 1, allow: { read: ['/etc/shadow'] } })
    const next = await box.with(permit)
    expect(await next.run(sh, { args: ['-c', script], env: { PATH: '/bin' } }))
      .toMatchObject({ status: 0, stdout: 'secret' })
    expect(await next.fs.readFile('/out/log', 'utf8')).toBe('tried\n')
    expect((await next.explain()).permits).toEqual([permit])
    expect(await box.run(cat, { args: ['/etc/shadow'] })).toMatchObject({ status: 1 })
  })

  test('of a write, by the file', async () => {
    const box = await inline()
    const { denials: [denial] } = await box.run(cp, { args: ['/data/table', '/data/copy'] })
    const next = await box.with(denial!.permit!)
    // the right to make is one of the directory
    expect(denial!.permit!.allow).toEqual({ write: ['/data'] })
    expect(await next.run(cp, { args: ['/data/table', '/data/copy'] })).toMatchObject({ status: 0, denials: [] })
  })
})

test('denials come while programs run', async () => {
  const box = await inline()
  const seen: Denial[] = []
  const reading = (async () => {
    for await (const denial of box.denials) seen.push(denial)
  })()
  await box.run(cat, { args: ['/etc/shadow', '/etc/shadow'] })
  await box.close()
  await reading
  expect(seen).toMatchObject([{ run: 1, by: 'landlock', act: 'read', errno: 'EACCES', path: '/etc/shadow' }])
})

test('mistakes are told before anything is made', async () => {
  await expect(createSandbox({ inline: true, allow: { read: ['/data/*.txt'] } }))
    .rejects.toMatchObject({ code: 'bad-policy', hint: 'name the directory, all below it is meant: `/data`' })
  await expect(createSandbox({ inline: true, allow: { read: ['data'] } })).rejects.toMatchObject({ code: 'bad-option' })
  await expect(createSandbox({ inline: true, alow: {} } as never))
    .rejects.toMatchObject({ code: 'unknown-option', hint: 'did you mean `allow`?' })
  await expect(createSandbox({ inline: true, modules: [{ module: 'no-such-module' }] }))
    .rejects.toMatchObject({ code: 'no-module' })
})

test('a box whose files may be more than usual has room for them', async () => {
  await using usual = await createSandbox({ inline: true })
  await using large = await createSandbox({ limits: { files: '2 GiB' }, inline: true })
  const room = (box: Sandbox): number => insideOf(box).kernel.machine.memory.max
  expect(room(large) - room(usual)).toBe(2 ** 31 - 2 ** 28)
})

test('a closed box does nothing', async () => {
  const box = await inline()
  await box.close()
  await box.close()
  await expect(box.run(cat)).rejects.toMatchObject({ code: 'closed' })
  await expect(box.fs.readdir('/')).rejects.toMatchObject({ code: 'closed' })
})

test('a line that cannot begin leaves no timer, which would keep the process', async () => {
  const box = await createSandbox({ inline: true })
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
  const before = timers()
  await expect(box.sh('true')).rejects.toMatchObject({ code: 'not-there' })
  expect(timers()).toBe(before)
  await box.close()
})
