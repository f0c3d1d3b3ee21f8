/** Roles: what a run of one may not do, what its children may not do, and what is refused when a box is made. */
import { readFileSync } from 'node:fs'
import { insideOf } from '@lsmkit/sandbox/inside'
import { checkPolicy, createSandbox, memory } from '@lsmkit/sandbox'
import type { Policy, RunOptions, Sandbox } from '@lsmkit/sandbox'
import { describe, expect, test } from 'vitest'
import { bash } from './index.ts'

const cat = new Uint8Array(readFileSync(new URL('../../wasi/programs/cat.wasm', import.meta.url)))

const policy = {
  allow: { read: ['/data', '/bin'], write: ['/data/out', '/data/tmp'], exec: ['/bin'], connect: [80, 'unix'] },
  roles: {
    reader: { allow: { read: ['/data/public'], exec: ['/bin'] } },
    writer: { allow: { read: ['/data/public'], write: ['/data/out/sub'], exec: ['/bin'] }, user: 'nobody' },
    nobody: { user: 'nobody' },
  },
  mounts: { '/data': memory() },
} satisfies Policy

const open = async (inline: boolean): Promise<Sandbox> => {
  const box = await createSandbox({ ...policy, inline, shell: bash() })
  await box.fs.writeFile('/data/public/a', 'one\n')
  await box.fs.writeFile('/data/key', 'secret\n')
  await box.fs.writeFile('/data/out/old', 'old\n')
  return box
}

describe.each([{ inline: true }, { inline: false }])('inline $inline', ({ inline }) => {
  const runs: readonly [string, RunOptions, string][] = [
    ['the policy', {}, ''],
    ['a role', { role: 'reader' }, '`/data/key`: read refused by landlock, not beneath /data/public'],
    ['a role without `allow`', { role: 'nobody' }, ''],
  ]
  test('a program', async () => {
    const box = await open(inline)
    for (const [name, options, sentence] of runs) {
      const { denials } = await box.run(cat, { args: ['/data/key'], ...options })
      expect([name, denials.map((one) => one.sentence).join()]).toEqual([name, sentence])
    }
    const { stdout } = await box.run(cat, { args: ['/data/public/a'], role: 'reader' })
    expect(stdout).toBe('one\n')
    await box.close()
  })

  test.each([
    ['cat /data/key', 'reader', '/data/key'],
    ['sh -c "cat /data/key"', 'reader', '/data/key'],
    ['echo x > /data/out/new', 'reader', '/data/out/new'],
    ['rm /data/out/old', 'writer', '/data/out/old'],
    ['chmod 777 /data/out/old', 'writer', '/data/out/old'],
    ['touch -d 2020-01-01 /data/out/old', 'writer', '/data/out/old'],
    ['echo x > /data/tmp/new', 'writer', '/data/tmp/new'],
  ])('a line: %s by a %s is refused', async (line, role, path) => {
    const box = await open(inline)
    const { denials, status } = await box.sh(line, { role })
    expect([denials.map((one) => one.path), status !== 0]).toEqual([[path], true])
    expect((await box.sh('cat /data/key; echo x > /data/tmp/new')).denials).toEqual([])
    await box.close()
  })

  test('a yes widens the role and the policy, and takes nothing else in', async () => {
    const box = await open(inline)
    const { denials } = await box.run(cat, { args: ['/data/key'], role: 'reader' })
    expect(denials[0]?.permit).toMatchObject({ role: 'reader', allow: { read: ['/data/key'] } })
    const wider = await box.with(denials[0]!.permit!)
    expect((await wider.run(cat, { args: ['/data/key'], role: 'reader' })).stdout).toBe('secret\n')
    expect((await wider.run(cat, { args: ['/data/out/old'], role: 'reader' })).denials).toHaveLength(1)
    await Promise.all([box.close(), wider.close()])
  })

  test('a snapshot that is restored keeps the places of a role', async () => {
    const box = await open(inline)
    const taken = await box.snapshot()
    await box.sh('rm -r /data/public')
    await box.restore(taken)
    expect((await box.run(cat, { args: ['/data/public/a'], role: 'reader' })).stdout).toBe('one\n')
    expect((await box.run(cat, { args: ['/data/key'], role: 'reader' })).denials).toHaveLength(1)
    await box.close()
  })

  test('a role that is not there', async () => {
    const box = await open(inline)
    await expect(box.run(cat, { role: 'raeder' })).rejects.toThrow('there is no role `raeder`')
    await expect(box.sh('true', { role: 'constructor' })).rejects.toThrow('there is no role `constructor`')
    await box.close()
  })
})

test('sockets of a role', async () => {
  const box = await open(true)
  const inside = insideOf(box)
  const socket = (role: string | null, family: number): number => {
    const task = inside.task({ role })
    const rc = inside.kernel.sys.socket(task, family, 1, 0)
    inside.end(task)
    return rc
  }
  expect([socket(null, 2), socket(null, 1)].every((rc) => rc >= 0)).toBe(true)
  expect([socket('reader', 2), socket('reader', 1)]).toEqual([-13, -13])
  await box.close()
})

test('explain shows them', async () => {
  const box = await open(true)
  const text = String(await box.explain())
  expect(text).toContain('role reader: read /data/public; write nothing; exec /bin; connect nothing')
  expect(text).toContain('role nobody: all of that')
  await box.close()
})

describe('a role is not more than the policy', () => {
  const within = { read: ['/data'], write: ['/out'], exec: ['/bin'], connect: [80], hosts: ['a.example:443'] }
  test.each<[string, object, string]>([
    ['a path beside', { read: ['/other'] }, '`/other` is more than the policy allows'],
    ['a path above', { read: ['/'] }, '`/` is more than the policy allows'],
    ['a path that begins alike', { read: ['/data2'] }, '`/data2` is more than the policy allows'],
    ['a path of another list', { write: ['/data'] }, '`/data` is more than the policy allows'],
    ['a port', { connect: [80, 81] }, '`81` is more than the policy allows'],
    ['a port to listen on', { listen: [80] }, '`80` is more than the policy allows'],
    ['a host', { hosts: ['b.example:443'] }, 'is more than the policy allows'],
    ['a pattern', { read: ['/data/*'] }, '`/data/*` is a pattern'],
  ])('%s', async (_, allow, message) => {
    await expect(createSandbox({ inline: true, allow: within, roles: { one: { allow } } })).rejects.toThrow(message)
  })

  test('hosts of a role are covered by those of the policy', async () => {
    const allow = { ...within, connect: [80, 443], hosts: ['*.example:443', 'b.example:444'] }
    const make = (own: object) => createSandbox({ inline: true, allow, roles: { one: { allow: own } } })
    const private_ = { host: 'b.example', port: 444, addresses: ['10.0.0.0/8'] }
    for (const host of ['*:443', 'example:443', 'a.example:444', private_]) {
      await expect(make({ hosts: [host] })).rejects.toThrow('is more than the policy allows')
    }
    const narrow = { host: 'a.example', port: 443, methods: ['GET'] }
    for (const own of [{ connect: [80] }, { hosts: [narrow, 'b.example:444'], connect: [443] }]) {
      await (await make(own)).close()
    }
  })

  test('without `allow` there is nothing to narrow', async () => {
    const modules = [{ module: '@lsmkit/smack', options: {} }]
    await expect(createSandbox({ inline: true, modules, roles: { one: { allow: {} } } })).rejects.toThrow(
      'a role narrows `allow`, and the policy has none')
  })

  test('mistakes in a role are found as data', async () => {
    expect(() => checkPolicy({ roles: { one: { alow: {} } } })).toThrow('there is no option `alow`')
    expect(() => checkPolicy({ roles: { one: { allow: { read: ['/a/*'] } } } })).toThrow('`/a/*` is a pattern')
  })
})
