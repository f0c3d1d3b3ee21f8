/** Names of a policy are places: no link leads them elsewhere, at the start, after a restore, or in a wider box. */
import { describe, expect, test } from 'vitest'
import { createSandbox, memory } from '../index.ts'
import type { Permit, Sandbox, SandboxOptions } from '../index.ts'
import { tool } from '../testing/programs.ts'

const [cat, sh] = [tool('cat'), tool('sh')]
const PATH = { PATH: '/bin' }

/** `/job` is the guest's; `/job/input` has a name of its own in the policy; `/secret` is nobody's. */
const aBox = async (more: Partial<SandboxOptions> = {}): Promise<Sandbox> => {
  const box = await createSandbox({
    inline: true, allow: { read: ['/job/input'], write: ['/job'], exec: ['/bin'] },
    mounts: { '/job': memory(), '/bin': memory() }, ...more,
  })
  for (const name of ['cat', 'mv', 'rm', 'mkdir', 'cp']) {
    await box.fs.writeFile(`/bin/${name}`, tool(name), { mode: 0o755 })
  }
  await box.fs.mkdir('/secret')
  await box.fs.writeFile('/secret/key', 'KEY')
  await box.fs.mkdir('/job/input', { recursive: true })
  await box.fs.writeFile('/job/input/table', 'one')
  return box
}
const script = (box: Sandbox, text: string) => box.run(sh, { args: ['-c', text], env: PATH })
const secretOf = async (box: Sandbox, path: string): Promise<string> => (await box.run(cat, { args: [path] })).stdout
/** As a guest does it. */
const swap = async ({ fs }: Sandbox): Promise<void> => {
  const guest = fs.as('guest')
  await guest.rename('/job/input', '/job/old')
  await guest.symlink('/secret', '/job/input')
}

describe('after a guest has put a link where a name was', () => {
  test('restoring keeps the place, wherever it is by now', async () => {
    const box = await aBox()
    await swap(box)
    const snapshot = await box.snapshot()
    expect(snapshot.places).toMatchObject({ '/job/input': { path: '/job/old' } })
    await box.restore(snapshot)
    expect(await secretOf(box, '/job/input/key')).toBe('')
    expect(await secretOf(box, '/job/old/table')).toBe('one')
    expect((await box.explain()).places).toEqual({ '/job/input': '/job/old' })
    expect(String(await box.explain())).toContain('read: /job/input (which is /job/old)')
  })

  test('a wider box keeps the place', async () => {
    const box = await aBox()
    await swap(box)
    await box.fs.mkdir('/harmless')
    const { denials } = await box.run(cat, { args: ['/harmless'] })
    expect(denials[0]?.permit?.allow).toEqual({ read: ['/harmless'] })
    const next = await box.with(denials[0]!.permit!)
    expect(await secretOf(next, '/job/input/key')).toBe('')
    expect(await secretOf(next, '/job/old/table')).toBe('one')
  })

  test('a snapshot of before brings the name back', async () => {
    const box = await aBox()
    const before = await box.snapshot()
    await swap(box)
    await box.restore(before)
    expect(await secretOf(box, '/job/input/table')).toBe('one')
    expect((await box.explain()).places).toEqual({})
  })

  test.each([undefined, {}])('a snapshot without places is refused where a name has a link: %j', async (places) => {
    const box = await aBox()
    await swap(box)
    const { entries, version } = await box.snapshot()
    const own = places === undefined ? { version, entries } : { version, entries, places }
    await expect(box.restore(own)).rejects.toMatchObject({ code: 'link', place: 'snapshot' })
    expect(await secretOf(box, '/job/old/table')).toBe('one')
  })

  test('a place that is gone is an error, and nothing is half done', async () => {
    const box = await aBox()
    await box.fs.chown('/job/input', 1000, 1000)
    const guest = box.fs.as('guest')
    await guest.unlink('/job/input/table')
    await guest.rmdir('/job/input')
    await guest.mkdir('/job/input')
    const gone = await box.snapshot()
    await box.fs.writeFile('/job/later', 'kept')
    await expect(box.restore(gone)).rejects.toMatchObject({ code: 'not-there' })
    expect(await box.fs.readFile('/job/later', 'utf8')).toBe('kept')
    const { denials } = await box.run(cat, { args: ['/secret/key'] })
    await expect(box.with(denials[0]!.permit!)).rejects.toMatchObject({ code: 'not-there' })
  })

  test('a file whose attributes were set may be gone: its name means nothing any more', async () => {
    const box = await aBox({ attributes: { '/job/inbox': { 'user.note': 'x' } } })
    await box.fs.as('guest').rmdir('/job/inbox')
    const snapshot = await box.snapshot()
    expect(Object.keys(snapshot.places!).sort()).toEqual(['/bin', '/job', '/job/input'])
    await box.restore(snapshot)
    await expect(box.fs.stat('/job/inbox')).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('names of what the kernel makes, and of devices, are there in a wider box', async () => {
    const read = ['/proc', '/proc/sys', '/proc/sys/kernel', '/sys/kernel', '/dev/null', '/dev/model']
    const box = await aBox({ allow: { read, write: ['/job'] }, devices: { '/dev/model': { read: () => null } } })
    await box.restore(await box.snapshot())
    const { denials } = await box.run(cat, { args: ['/secret/key'] })
    const next = await box.with(denials[0]!.permit!)
    expect(await next.run(cat, { args: ['/proc/sys/kernel/ostype', '/dev/null', '/dev/model', '/secret/key'] }))
      .toMatchObject({ stdout: 'Linux\nKEY', denials: [] })
  })

  test('devices are made where their name says, or not at all', async () => {
    const box = await aBox({ devices: { '/job/dev/key': { read: () => null } } })
    await box.fs.chown('/job/dev', 1000, 1000)
    await box.fs.as('guest').rename('/job/dev', '/job/olddev')
    await box.fs.as('guest').symlink('/secret', '/job/dev')
    await box.fs.mkdir('/harmless')
    const { denials } = await box.run(cat, { args: ['/harmless'] })
    await expect(box.with(denials[0]!.permit!)).rejects.toMatchObject({ code: 'link', place: 'devices' })
  })
})

describe('a denial and its permit carry where the look-up ended', () => {
  test.each([
    { act: 'echo x >/job/notes/key', path: '/secret/key', errno: 'EROFS' },
    { act: 'cat /job/notes/key', path: '/secret/key', errno: 'EACCES' },
    { act: 'mkdir /job/notes/new', path: '/secret/new', errno: 'EROFS' },
    { act: 'rm -f /job/notes/key', path: '/secret/key', errno: 'EROFS' },
    { act: 'echo x >/job/one', path: '/secret/key', errno: 'EROFS' },
  ])('$act: over a link of the guest, so nothing is offered', async ({ act, path, errno }) => {
    const box = await aBox()
    await box.fs.as('guest').symlink('/secret', '/job/notes')
    await box.fs.as('guest').symlink('notes/key', '/job/one')
    const { denials } = await script(box, act)
    expect(denials.map((one) => [one.path, one.errno, one.permit])).toContainEqual([path, errno, null])
    expect(denials.find((one) => one.path === path)!.sentence)
      .toMatch(/over the link `\/job\/(notes|one)`.*, which the program may have made, so it cannot be permitted$/)
  })

  test.each<[string, (box: Sandbox) => Promise<unknown>]>([
    ['copied', ({ fs }) => fs.cp('/job/out', '/results', { recursive: true })],
    ['brought back in a snapshot', async (box) => {
      await box.fs.cp('/job/out', '/results', { recursive: true })
      await box.restore(await box.snapshot())
    }],
  ])('a link of the guest that the host has %s stays the link of a guest', async (_, move) => {
    const box = await aBox()
    await box.fs.as('guest').mkdir('/job/out')
    await box.fs.as('guest').symlink('/secret/key', '/job/out/answer')
    await move(box)
    const { denials } = await script(box, 'cat /results/answer')
    expect(denials).toMatchObject([{ path: '/secret/key', links: ['/results/answer'], permit: null }])
    await expect(box.fs.readFile('/results/answer')).rejects.toMatchObject({ code: 'ELOOP' })
    await expect(box.fs.writeFile('/results/answer', 'x')).rejects.toMatchObject({ code: 'ELOOP' })
  })

  test('a link that the guest puts in place of one of the host', async () => {
    const box = await aBox()
    await box.fs.symlink('/job/input/table', '/job/mine')
    await box.fs.as('guest').unlink('/job/mine')
    await box.fs.as('guest').symlink('/secret/key', '/job/mine')
    expect((await script(box, 'cat /job/mine')).denials).toMatchObject([{ path: '/secret/key', permit: null }])
    await expect(box.fs.readFile('/job/mine')).rejects.toMatchObject({ code: 'ELOOP' })
  })

  test('over a link of the host a permit is for the place', async () => {
    const box = await aBox()
    await box.fs.symlink('/secret', '/notes')
    const { denials: [denial] } = await script(box, 'echo x >/notes/key')
    expect(denial).toMatchObject({ path: '/secret/key', links: ['/notes'] })
    expect(denial!.permit!.allow).toEqual({ write: ['/secret/key'] })
    expect(denial!.sentence).toBe(
      '`/secret/key`: write refused by the read-only mount, not beneath /job, over the link `/notes`',
    )
    const next = await box.with(denial!.permit!)
    expect(await script(next, 'echo x >/notes/key')).toMatchObject({ denials: [] })
    expect(await next.fs.readFile('/secret/key', 'utf8')).toBe('x\n')
  })

  test('of what a call makes, and of both names of one that moves', async () => {
    const box = await aBox()
    await box.fs.mkdir('/other')
    const denied = box.denials[Symbol.asyncIterator]().next()
    await expect(box.fs.as('guest').symlink('/job/input', '/secret/link')).rejects.toMatchObject({ code: 'EROFS' })
    expect((await denied).value).toMatchObject({ path: '/secret/link', permit: { allow: { write: ['/secret'] } } })
    expect((await script(box, 'mv /secret/key /other/key')).denials[0])
      .toMatchObject({ path: '/secret/key', permit: { allow: { write: ['/secret', '/other'] } } })
  })

  test('a permit that names a link is refused', async () => {
    const box = await aBox()
    await box.fs.as('guest').symlink('/secret', '/job/notes')
    const permit: Permit = { run: 0, allow: { write: ['/job/notes'] }, why: 'made up' }
    await expect(box.with(permit)).rejects.toMatchObject({
      code: 'link', place: 'allow: write',
      message: expect.stringMatching(/^`\/job\/notes` is a link to `\/secret`, so `\/job\/notes` would be `\/secret`/) as string,
    })
  })

  test('a permit for what the run itself has made', async () => {
    const box = await aBox()
    const { denials } = await script(box, 'echo x >/job/new; cat /job/new')
    expect(denials).toMatchObject([{ path: '/job/new', permit: { allow: { read: ['/job/new'] } } }])
    await expect(box.with(denials[0]!.permit!)).rejects.toMatchObject({ code: 'not-there', place: 'permit' })
  })
})

describe('box.fs follows no link of somebody else out of what the policy names', () => {
  const linked = async () => {
    const box = await aBox()
    await box.fs.symlink('/job/input', '/mine')
    const guest = box.fs.as('guest')
    for (const [name, to] of [['answer', '/secret/key'], ['dir', '/secret'], ['near', 'input/table']] as const) {
      await guest.symlink(to, `/job/${name}`)
    }
    await guest.symlink('/bin/cat', '/job/program')
    return box
  }

  /** All but times of access: a copy reads. */
  const secrets = async (box: Sandbox): Promise<unknown> => (await box.snapshot()).entries
    .filter(({ path }) => path.startsWith('/secret')).map((entry) => ({ ...entry, atime: null }))

  test.each<[string, (box: Sandbox) => Promise<unknown>]>([
    ['readFile', ({ fs }) => fs.readFile('/job/answer')],
    ['readFile below', ({ fs }) => fs.readFile('/job/dir/key')],
    ['writeFile', ({ fs }) => fs.writeFile('/job/answer', 'changed')],
    ['appendFile', ({ fs }) => fs.appendFile('/job/answer', 'changed')],
    ['wx', ({ fs }) => fs.writeFile('/job/dir/new', 'made', { flag: 'wx' })],
    ['mkdir', ({ fs }) => fs.mkdir('/job/dir/new')],
    ['mkdir -p', ({ fs }) => fs.mkdir('/job/dir/new/deep', { recursive: true })],
    ['readdir', ({ fs }) => fs.readdir('/job/dir')],
    ['stat', ({ fs }) => fs.stat('/job/answer')],
    ['access', ({ fs }) => fs.access('/job/answer')],
    ['realpath', ({ fs }) => fs.realpath('/job/answer')],
    ['symlink', ({ fs }) => fs.symlink('x', '/job/dir/new')],
    ['link from', ({ fs }) => fs.link('/job/dir/key', '/job/key')],
    ['link to', ({ fs }) => fs.link('/job/near', '/job/dir/new')],
    ['rename from', ({ fs }) => fs.rename('/job/dir/key', '/job/key')],
    ['rename to', ({ fs }) => fs.rename('/job/near', '/job/dir/key')],
    ['unlink', ({ fs }) => fs.unlink('/job/dir/key')],
    ['rm', ({ fs }) => fs.rm('/job/dir/key')],
    ['chmod', ({ fs }) => fs.chmod('/job/answer', 0o777)],
    ['chown', ({ fs }) => fs.chown('/job/answer', 1000, 1000)],
    ['utimes', ({ fs }) => fs.utimes('/job/answer', 1, 2)],
    ['truncate', ({ fs }) => fs.truncate('/job/answer', 0)],
    ['copyFile from', ({ fs }) => fs.copyFile('/job/answer', '/job/key')],
    ['copyFile to', ({ fs }) => fs.copyFile('/job/near', '/job/answer')],
    ['cp from', ({ fs }) => fs.cp('/job/dir/key', '/job/key')],
    ['cp to', ({ fs }) => fs.cp('/job/input/table', '/job/answer')],
    ['getxattr', ({ fs }) => fs.getxattr('/job/answer', 'user.note')],
    ['setxattr', ({ fs }) => fs.setxattr('/job/answer', 'user.note', 'x')],
    ['listxattr', ({ fs }) => fs.listxattr('/job/answer')],
    ['removexattr', ({ fs }) => fs.removexattr('/job/answer', 'user.note')],
    ['writing what may only be executed', ({ fs }) => fs.writeFile('/job/program', 'changed')],
  ])('%s', async (_, act) => {
    const box = await linked()
    const before = await secrets(box)
    await expect(act(box)).rejects.toMatchObject({ code: 'ELOOP', path: expect.stringMatching(/^\/job\//) as string })
    expect(await secrets(box)).toEqual(before)
  })

  test('what stays within is followed, and what the host has linked', async () => {
    const { fs } = await linked()
    expect(await fs.readFile('/job/near', 'utf8')).toBe('one')
    expect(await fs.readFile('/mine/table', 'utf8')).toBe('one')
    expect((await fs.readFile('/job/program')).length).toBeGreaterThan(0)
    await fs.writeFile('/mine/new', 'new')
    expect(await fs.readFile('/job/input/new', 'utf8')).toBe('new')
    expect(await fs.realpath('/mine/new')).toBe('/job/input/new')
    await expect(fs.readFile('/mine/none')).rejects.toMatchObject({ code: 'ENOENT', path: '/mine/none' })
    // itself, not what it leads to
    expect((await fs.lstat('/job/answer')).isSymbolicLink()).toBe(true)
    expect(await fs.readlink('/job/answer')).toBe('/secret/key')
    await fs.rm('/job/dir', { recursive: true })
    expect(await fs.readdir('/secret')).toEqual(['key'])
  })

  test('follow: true is for people who mean it', async () => {
    const { fs } = await linked()
    expect(await fs.readFile('/job/answer', { encoding: 'utf8', follow: true })).toBe('KEY')
    expect((await fs.with({ follow: true }).stat('/job/answer')).size).toBe(3)
    await expect(fs.readFile('/job/answer', { folow: true } as never)).rejects.toMatchObject({ code: 'unknown-option' })
  })

  test('as the guest, under the policy', async () => {
    const box = await linked()
    const fs = box.fs.as('guest')
    expect(await fs.readFile('/job/near', 'utf8')).toBe('one')
    await expect(fs.readFile('/job/answer')).rejects.toMatchObject({ code: 'EACCES' })
    await expect(fs.writeFile('/secret/new', 'x')).rejects.toMatchObject({ code: 'EROFS' })
    expect(() => box.fs.as({} as never)).toThrow(expect.objectContaining({ code: 'bad-option' }))
  })

  test('with modules alone no link of anybody is followed', async () => {
    const box = await createSandbox({ inline: true, modules: [{ module: '@lsmkit/smack' }] })
    await box.fs.writeFile('/key', 'KEY')
    await box.fs.symlink('/key', '/link')
    await expect(box.fs.readFile('/link')).rejects.toMatchObject({ code: 'ELOOP' })
    expect(await box.fs.readFile('/link', { encoding: 'utf8', follow: true })).toBe('KEY')
  })
})

describe('users', () => {
  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('there is no %s', async (user) => {
    const box = await aBox()
    await expect(box.run(cat, { user })).rejects.toMatchObject({ code: 'not-there' })
    await expect(createSandbox({ inline: true, user })).rejects.toMatchObject({ code: 'not-there' })
  })

  const passwd = (uid: number): string => `ann:x:${uid}:7:::\nguest:x:0:0:::\nroot:x:5:5:::\n`
  const uidOf = async (box: Sandbox, user: string): Promise<number> => {
    await box.run(sh, { args: ['-c', `: >/job/of-${user}`], user })
    return (await box.fs.stat(`/job/of-${user}`)).uid
  }

  test('a file that guests may write decides nothing', async () => {
    const box = await aBox({ allow: { write: ['/job', '/etc'], exec: ['/bin'] } })
    await box.fs.writeFile('/etc/passwd', passwd(0))
    await expect(box.run(cat, { user: 'ann' })).rejects.toMatchObject({ code: 'not-there' })
    expect(await uidOf(box, 'guest')).toBe(1000)
  })

  test('a name is settled once, also for boxes that come of this one', async () => {
    const box = await aBox()
    await box.fs.chmod('/job', 0o777)
    await box.fs.mkdir('/etc')
    await box.fs.writeFile('/etc/passwd', passwd(42))
    expect(await uidOf(box, 'ann')).toBe(42)
    expect(await uidOf(box, 'guest')).toBe(1000)
    await box.fs.writeFile('/etc/passwd', passwd(43))
    await box.fs.rm('/job/of-ann')
    expect(await uidOf(box, 'ann')).toBe(42)
    const { denials } = await box.run(cat, { args: ['/secret/key'] })
    expect(await uidOf(await box.with(denials[0]!.permit!), 'ann')).toBe(42)
  })
})
