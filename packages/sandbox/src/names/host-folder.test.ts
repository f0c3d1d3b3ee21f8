/**
 * A folder of the host that somebody else has filled, and goes on changing: in a process of its own, that may write
 * nothing but that folder.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'

const home = mkdtempSync(join(tmpdir(), 'lsmkit-names-'))
const repo = join(home, 'repo')
afterAll(() => rmSync(home, { recursive: true }))
beforeEach(() => {
  rmSync(repo, { recursive: true, force: true })
  mkdirSync(join(repo, '.git/hooks'), { recursive: true })
  mkdirSync(join(repo, 'src'))
  writeFileSync(join(repo, '.env'), 'KEY')
  writeFileSync(join(home, 'outside'), 'HOST')
  symlinkSync('.', join(repo, 'out'))
  symlinkSync('..', join(repo, 'docs'))
})

/** Prints what `text` returns; `repo` and `mounts` are there. */
const inProcess = (text: string): unknown => {
  const script = `
    import * as fs from 'node:fs'
    import { createSandbox, hostFolder, memory } from './index.ts'
    import { tool } from './testing/programs.ts'
    const repo = ${JSON.stringify(repo)}
    const mounts = { '/project': hostFolder(repo, { writable: true }) }
    const [cat, sh] = [tool('cat'), tool('sh')]
    const told = ({ code, place, message, hint }) => ({ code, place, message, hint })
    const main = async () => { ${text} }
    console.log(JSON.stringify(await main()))
  `
  const args = ['--conditions=lsmkit:source', '--no-warnings', '--input-type=module', '--eval', script]
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: join(import.meta.dirname, '..'), encoding: 'utf8', timeout: 120_000,
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

test('a link of the folder in `allow` is an error that says where it leads', () => {
  const tries = [
    ['write', '/project/out', '/project', '.'], ['read', '/project/docs', '/', '..'],
    ['exec', '/project/out/src', '/project/src', '.'],
  ] as const
  expect(inProcess(`return Promise.all(${JSON.stringify(tries)}.map(([list, name]) =>
    createSandbox({ inline: true, allow: { [list]: [name] }, mounts: { '/project': hostFolder(repo) } }).catch(told)))
  `)).toEqual(tries.map(([list, name, real, text]) => ({
    code: 'link', place: `allow: ${list}`,
    message: expect.stringContaining(`\`${name.replace(/\/src$/, '')}\` is a link to \`${text}\`, so \`${name}\` would be \`${real}\``) as string,
    hint: `name \`${real}\`, or say \`resolve: true\` in the policy if you trust whoever made the link`,
  })))
})

test('who means it says so, and sees both names', () => {
  expect(inProcess(`
    const box = await createSandbox({
      inline: true, resolve: true, allow: { read: ['/project/out/src'], write: ['/project/out/src'] }, mounts,
    })
    const { places, writable } = await box.explain()
    const page = String(await box.explain())
    const run = await box.run(sh, { args: ['-c', 'echo x >/project/src/new; echo x >/project/new'] })
    return { places, writable, line: page.split('\\n')[1], denied: run.denials.map(({ path }) => path) }
  `)).toEqual({
    places: { '/project/out/src': '/project/src' }, writable: ['/project/src'],
    line: 'read: /project/out/src (which is /project/src)', denied: ['/project/new'],
  })
  expect(readFileSync(join(repo, 'src/new'), 'utf8')).toBe('x\n')
})

test('places to mount on, attributes and devices lead over no link either', () => {
  expect(inProcess(`return Promise.all([
    { mounts: { ...mounts, '/project/out/below': memory() } },
    { mounts, attributes: { '/project/out/x': { 'user.note': 'y' } } },
    { mounts, devices: { '/project/docs/key': { read: () => null } } },
  ].map((more) => createSandbox({ inline: true, allow: {}, ...more }).catch(told)))`)).toMatchObject([
    { code: 'link', place: 'mounts' }, { code: 'link', place: 'attributes' }, { code: 'link', place: 'devices' },
  ])
})

test('what the owner of the folder does later moves no name', () => {
  expect(inProcess(`
    const box = await createSandbox({
      inline: true, allow: { read: ['/project/src'], write: ['/project/src'] }, mounts,
    })
    const attack = () => {
      fs.renameSync(repo + '/src', repo + '/old')
      fs.symlinkSync('.git/hooks', repo + '/src')
    }
    const snapshot = await box.snapshot()
    attack()
    const tries = []
    const go = async (one) => {
      await one.run(sh, { args: ['-c', 'echo x >/project/src/pre-commit; echo x >/project/.git/hooks/pre-commit'] })
      tries.push((await one.run(cat, { args: ['/project/.env', '/project/src/../.env'] })).stdout)
    }
    await go(box)
    const restored = await box.restore(snapshot).then(() => 'restored', told)
    await go(box)
    const { denials } = await box.run(cat, { args: ['/project/.env'] })
    const wider = await box.with({ ...denials[0].permit, allow: { read: ['/dev/null'] } }).catch(told)
    return { tries, restored, wider: wider.code }
  `)).toEqual({
    tries: ['', ''], restored: expect.objectContaining({ code: 'not-there' }) as unknown, wider: 'not-there',
  })
  expect(() => readFileSync(join(repo, '.git/hooks/pre-commit'))).toThrow('ENOENT')
})

test('a folder of the host that has become another one', () => {
  expect(inProcess(`
    const box = await createSandbox({ inline: true, allow: {}, mounts })
    const { denials } = await box.run(cat, { args: ['/project/.env'] })
    fs.renameSync(repo, repo + '2')
    fs.mkdirSync(repo)
    const error = await box.with(denials[0].permit).catch(told)
    fs.rmSync(repo, { recursive: true })
    fs.renameSync(repo + '2', repo)
    return error
  `)).toMatchObject({ code: 'not-there', place: 'mounts' })
})

test('a denial over a link of the folder names the place, and no permit is offered', () => {
  expect(inProcess(`
    const box = await createSandbox({ inline: true, allow: { write: ['/project/src'] }, mounts })
    const { denials } = await box.run(sh, { args: ['-c', 'echo x >/project/out/.git/hooks/pre-commit'] })
    return denials.map(({ path, links, permit }) => ({ path, links, permit }))
  `)).toEqual([{ path: '/project/.git/hooks/pre-commit', links: ['/project/out'], permit: null }])
})

test('a link that a guest has made earns no permit, also when the owner has moved its directory', () => {
  expect(inProcess(`
    const box = await createSandbox({ inline: true, allow: { write: ['/project/src'] }, mounts })
    await box.fs.as('guest').symlink('../.env', '/project/src/answer')
    fs.renameSync(repo + '/src', repo + '/moved')
    const { denials } = await box.run(cat, { args: ['/project/moved/answer'] })
    return denials.map(({ path, links, permit }) => ({ path, links, permit }))
  `)).toEqual([{ path: '/project/.env', links: ['/project/moved/answer'], permit: null }])
})

test('box.fs reads and writes over links of the folder where guests may, and nowhere else in it', () => {
  expect(inProcess(`
    const allow = { read: ['/project/.git'], write: ['/project/src'] }
    const box = await createSandbox({ inline: true, allow, mounts })
    await box.fs.writeFile('/key', 'KEY')
    fs.writeFileSync(repo + '/.git/HEAD', 'main')
    fs.symlinkSync('/key', repo + '/answer')
    const answers = []
    for (const act of [
      () => box.fs.readFile('/project/out/.git/HEAD', 'utf8'), () => box.fs.readFile('/project/out/.env', 'utf8'),
      () => box.fs.readFile('/project/answer', 'utf8'),
      () => box.fs.readFile('/project/docs/key', 'utf8'),
      () => box.fs.writeFile('/project/out/.git/hooks/pre-commit', 'x'),
      () => box.fs.writeFile('/project/out/src/new', 'x'),
    ]) answers.push(await act().then((text) => text ?? 'done', ({ code }) => code))
    return answers
  `)).toEqual(['main', 'ELOOP', 'ELOOP', 'ELOOP', 'ELOOP', 'done'])
})

test('a link that a guest has made leads box.fs nowhere, also when the owner has moved its directory', () => {
  expect(inProcess(`
    const box = await createSandbox({ inline: true, allow: { write: ['/project/src'] }, mounts })
    await box.fs.as('guest').symlink('../.env', '/project/src/answer')
    fs.renameSync(repo + '/src', repo + '/moved')
    return box.fs.readFile('/project/moved/answer', 'utf8').catch(({ code }) => code)
  `)).toBe('ELOOP')
})

test('where it lies on the host is told to nobody', () => {
  const text = inProcess(`
    const box = await createSandbox({ inline: true, allow: { read: ['/proc', '/project'] }, mounts })
    const files = ['/proc/self/mountinfo', '/proc/self/mounts', '/proc/self/mountstats']
    return (await box.run(cat, { args: files })).stdout
  `) as string
  expect(text).toContain(' /project ')
  expect(text).not.toContain(home)
})
