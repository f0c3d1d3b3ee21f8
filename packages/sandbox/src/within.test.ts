/** A managed maximum: each thing that would be more is named, and what is left open is the maximum's. */
import { describe, expect, test } from 'vitest'
import { createSandbox, hostFolder, memory, policyWithin } from './index.ts'
import type { Policy, SandboxError } from './index.ts'
import { tool } from './testing/programs.ts'

const folder = (path: string, more: object = {}) => ({ kind: 'host-folder' as const, path, ...more })
const max: Policy = {
  allow: {
    read: ['/data', '/etc/hosts'], write: ['/out'], exec: ['/bin'], connect: [443, 'unix'], listen: [8080],
    hosts: ['*.example.org:443', { host: 'api.test', port: 443, methods: ['GET', 'HEAD'], paths: ['/v1'] },
      { host: 'in.test', port: 80, addresses: ['10.0.0.0/8'] }],
  },
  mounts: {
    '/data': folder('/srv/data'), '/out': folder('/srv/out', { copyOnWrite: true }),
    '/rw': folder('/srv/rw', { writable: true }), '/h': folder('/srv/h'), '/h/in': folder('/srv/x'), '/h/no': memory(),
    '/l': folder('/srv/l', { labels: 'user' }),
  },
  limits: { time: '10 s', memory: '64 MiB', loops: true }, env: { LANG: 'C' },
  attributes: { '/data': { 'user.note': 'x' } },
}
const beyond = (policy: Policy, most = max): string[] => {
  try {
    policyWithin(policy, most)
    return []
  } catch (error) {
    expect(error).toMatchObject({ name: 'SandboxError', code: 'wider' })
    return (error as SandboxError).places.map(({ path }) => path)
  }
}

test.each<[what: string, policy: Policy, places: string[]]>([
  ['nothing', {}, []],
  ['the maximum itself', max, []],
  ['less', { allow: { read: ['/data/in/', '/bin'], exec: ['/bin/tool'], connect: [443] } }, []],
  ['more to read', { allow: { read: ['/data', '/etc', '/database', '/'] } }, Array(3).fill('allow: read')],
  ['what may be written may not be read', { allow: { read: ['/out'] } }, ['allow: read']],
  ['with dots', { allow: { read: ['/data/../etc'], write: ['/out/..'] } }, ['allow: read', 'allow: write']],
  ['what may be read may not be executed', { allow: { exec: ['/data'] } }, ['allow: exec']],
  ['peers', { allow: { connect: [443, 80, 'unix'], listen: ['unix', 8080] } }, ['allow: connect', 'allow: listen']],
  ['hosts', { allow: { hosts: ['a.example.org:443', '*.b.example.org:443', '*.example.org:443'] } }, []],
  ['more hosts', { allow: {
    hosts: ['example.org:443', '*:443', 'a.example.org:80', '1.1.1.1:443', 'badexample.org:443'],
  } }, Array(5).fill('allow: hosts')],
  ['requests', { allow: { hosts: [{ host: 'api.test', port: 443, methods: ['GET'], paths: ['/v1/users'] }] } }, []],
  ['more requests', { allow: { hosts: [
    'api.test:443', { host: 'api.test', port: 443, methods: ['POST'], paths: ['/v1'] },
    { host: 'api.test', port: 443, methods: ['GET'], paths: ['/v10'] },
  ] } }, Array(3).fill('allow: hosts')],
  ['addresses', { allow: { hosts: [{ host: 'in.test', port: 80, addresses: ['10.1.0.0/16', '10.2.3.4'] }] } }, []],
  ['more addresses', { allow: { hosts: [
    { host: 'in.test', port: 80, addresses: ['10.0.0.0/7'] }, 'in.test:80',
    { host: 'a.example.org', port: 443, addresses: ['127.0.0.1'] },
  ] } }, Array(3).fill('allow: hosts')],
  ['modules alone', { modules: [{ module: '@lsmkit/smack' }] }, ['allow']],
  ['names over links', { resolve: true, allow: { read: ['/data/in'] } }, ['allow: read', 'resolve']],
  ['memory', { mounts: { '/tmp': memory(), '/data': memory() } }, []],
  ['folders', { mounts: {
    '/data': folder('/srv/data/'), '/out': folder('/srv/out', { copyOnWrite: true }),
  } }, []],
  ['a folder without what hides a part of it', { mounts: { '/h': folder('/srv/h') } }, ['mounts: /h', 'mounts: /h']],
  ['a folder with memory there', { mounts: { '/h': folder('/srv/h'), '/h/in/': memory(), '/h/no': memory() } }, []],
  ['a folder without its labels', { mounts: { '/l': folder('/srv/l') } }, ['mounts: /l']],
  ['a folder with labels', { mounts: { '/data': folder('/srv/data', { labels: 'user' }) } }, ['mounts: /data']],
  ['a folder that may be written, as a copy', { mounts: { '/rw': folder('/srv/rw', { copyOnWrite: true }) } }, []],
  ['other folders', { mounts: {
    '/data': folder('/srv'), '/x': folder('/srv/data'), '/out': folder('/srv/out/../x'),
  } }, ['mounts: /data', 'mounts: /x', 'mounts: /out']],
  ['a link of a folder may lead anywhere', { mounts: { '/data': folder('/srv/data/in') } }, ['mounts: /data']],
  ['more of a folder', { mounts: {
    '/data': folder('/srv/data', { copyOnWrite: true }),
    '/out': folder('/srv/out', { writable: true, descriptors: 1000 }),
  } }, ['mounts: /data', 'mounts: /out', 'mounts: /out']],
  ['limits', { limits: { time: '1 s', memory: '64MiB' } }, []],
  ['more limits', { limits: { time: '11 s', memory: 'none', loops: false, files: 'none' } },
    ['limits: time', 'limits: loops', 'limits: memory', 'limits: files']],
  ['the user', { user: 'guest' }, []],
  ['another user', { user: 'root', label: 'Admin' }, ['user', 'label']],
  ['of a role', { roles: { r: { user: 'root' } as object } }, ['roles: r: user']],
  ['attributes', { attributes: { '/data': { 'user.note': 'x' } } }, []],
  ['attributes that are left out', { attributes: { '/data': {}, '/data/': {} } }, []],
  ['other attributes', { attributes: { '/data': { 'user.note': 'y', 'security.SMACK64': 'z' } } },
    ['attributes: /data', 'attributes: /data']],
  ['variables', { env: { HOME: '/' } }, []],
  ['other variables', { env: { LANG: 'de' } }, ['env: LANG']],
])('%s', (_, policy, places) => {
  expect(beyond(policy).toSorted()).toEqual(places.toSorted())
})

test('modules of the maximum stay, with their options', () => {
  const smack = { module: '@lsmkit/smack', options: { load: 'A B r' } }
  const most: Policy = { modules: [smack], label: 'A' }
  expect(beyond({ modules: [{ module: '@lsmkit/smack' }] }, most)).toEqual(['modules'])
  expect(beyond({ modules: [smack, { module: '@lsmkit/yama' }] }, most)).toEqual([])
  expect(policyWithin({}, most)).toMatchObject({ modules: [smack], label: 'A', allow: {} })
})

test('what is undefined is left open', () => {
  const open = { limits: { time: undefined }, user: undefined, label: undefined, modules: undefined } as object
  expect(policyWithin(open, max)).toMatchObject({ limits: max.limits, env: max.env, attributes: max.attributes })
})

test('what the policy leaves open is the maximum\'s', () => {
  expect(policyWithin({ limits: { time: '1 s' } }, max)).toMatchObject({
    allow: {}, limits: { time: '1 s', memory: '64 MiB' }, env: { LANG: 'C' },
    attributes: { '/data': { 'user.note': 'x' } },
  })
})

describe('a box', () => {
  const most: Policy = { allow: { read: ['/data', '/etc'] }, limits: { time: '10 s', output: '1 KiB' } }

  test('that would be more is refused, with each thing', async () => {
    const error = await createSandbox({
      inline: true, within: most, allow: { read: ['/data', '/proc'], write: ['/data'] }, limits: { time: 'none' },
      mounts: { '/x': hostFolder('/tmp') },
    }).catch((refusal: unknown) => refusal)
    expect(error).toMatchObject({ code: 'wider', place: 'createSandbox: within' })
    expect((error as SandboxError).places.map(({ path }) => path)).toEqual([
      'allow: read', 'allow: write', 'mounts: /x', 'limits: time',
    ])
    expect((error as SandboxError).message).toContain('allow: read: `/proc` does not lie beneath `/data`, `/etc`')
    for (const bound of [{ within: most }, { fleet: { sandboxPolicy: () => most } }]) {
      await expect(createSandbox({ ...bound, native: true, accept: ['udp'] }))
        .rejects.toMatchObject({ code: 'wider', places: [{ path: 'accept' }] })
    }
    await expect(createSandbox({ inline: true, within: { alow: {} } as never }))
      .rejects.toMatchObject({ code: 'unknown-option' })
  })

  test.each([true, false])('inline: %s: runs and permits stay within too', async (inline) => {
    await using box = await createSandbox({ inline, within: most, allow: { read: ['/data'] } })
    await box.fs.mkdir('/etc')
    const cat = tool('cat')
    const wider = { code: 'wider' }
    await expect(box.run(cat, { user: 'root' })).rejects.toMatchObject(wider)
    await expect(box.run(cat, { limits: { time: 'none' } })).rejects.toMatchObject(wider)
    await expect(box.run(cat, { label: 'x' })).rejects.toMatchObject(wider)
    expect((await box.run(cat, { limits: { time: '5 s' } })).status).toBe(0)
    const open = { limits: { output: undefined } } as object
    const much = await box.run(tool('cat'), { ...open, stdin: 'a'.repeat(3000) })
    expect([much.reason, much.stdout.length]).toEqual(['SIGXFSZ: output limit of 1024 bytes', 1024])
    const permit = { run: 0, allow: { read: ['/etc'] }, why: 'asked' }
    await using next = await box.with(permit)
    expect((await next.explain()).allow!.read).toEqual(['/data', '/etc'])
    for (const one of [box, next]) {
      await expect(one.with({ ...permit, allow: { read: ['/proc'] } })).rejects.toMatchObject(wider)
    }
  })
})
