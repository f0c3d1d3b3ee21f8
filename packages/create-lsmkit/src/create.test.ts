/** What the command line makes of what a person typed. The templates' own tests run beside this one, as they stand. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { makeProject } from './make-project.ts'
import { faultOfName, namesOf } from './names.ts'
import { runCreate } from './program.ts'
import { rangesOf } from './ranges.ts'
import { templates } from './templates.ts'
import type { TemplateName } from './templates.ts'

let parent = ''
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'create-lsmkit-'))
})
afterEach(() => rmSync(parent, { recursive: true }))

const ranges = {
  near: { '@lsmkit/core': '^0.3.1', '@lsmkit/abi': '^0.2.0' },
  wide: { '@lsmkit/core': '>=0.3.1 <1.0.0', '@lsmkit/abi': '>=0.2.0 <1.0.0' },
}
const isPublished = (template: string) => templates[template as TemplateName].published
const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))

describe.each(Object.keys(templates))('template %s', (template) => {
  test('goes by the name it is given, everywhere', () => {
    const folder = makeProject({ name: '@me/night-watch', template, parent, ranges })
    expect(folder).toBe(join(parent, 'night-watch'))
    const files = filesOf(folder)
    for (const file of files) expect(`${file} ${readFileSync(file, 'utf8')}`).not.toMatch(/my-lsm|myLsm|MyLsm/)
    const names = files.map((file) => file.slice(folder.length + 1))
    for (const name of ['package.json', 'README.md', 'tsconfig.json', '.gitignore', 'vitest.config.ts']) {
      expect(names).toContain(name)
    }
    expect(names).toContain('.github/workflows/ci.yml')
    expect(names.includes('.github/workflows/release.yml')).toBe(isPublished(template))
    expect(names.filter((name) => name.endsWith('.test.ts'))).not.toEqual([])
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    expect(manifest.name).toBe('@me/night-watch')
    expect(manifest.devDependencies['@lsmkit/core']).toBe('^0.3.1')
    expect(manifest.private !== true).toBe(isPublished(template))
    if (isPublished(template)) expect(manifest.peerDependencies['@lsmkit/core']).toBe('>=0.3.1 <1.0.0')
    expect(names.includes('CHANGELOG.md')).toBe(isPublished(template))
    expect(names.includes('scripts/bench.mjs')).toBe(templates[template as TemplateName].module)
    if (isPublished(template)) {
      expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain("from '@me/night-watch'")
    }
    if (isPublished(template)) expect(manifest.scripts.watch).toBe('vitest')
    if (isPublished(template)) expect(manifest.scripts.play).toMatch(/^lsm shell .* --watch$/)
    expect(manifest.keywords?.includes('lsmkit-module') ?? false).toBe(template === 'lsm' || template === 'policy')
    if ('dependencies' in manifest) expect(manifest.dependencies).toEqual({ '@lsmkit/abi': '>=0.2.0 <1.0.0' })
  })
})

describe('ranges', () => {
  test.each([
    { peer: '^0.1.0', near: '^0.1.0', wide: '>=0.1.0 <1.0.0' },
    { peer: '^2.3.4-next.0', near: '^2.3.4-next.0', wide: '>=2.3.4-next.0 <3.0.0' },
    { peer: 'workspace:^', near: 'workspace:^', wide: 'workspace:^' },
  ])('$peer is $wide for users', ({ peer, near, wide }) => {
    const manifest = JSON.stringify({ peerDependencies: { x: peer } })
    expect(rangesOf(manifest)).toEqual({ near: { x: near }, wide: { x: wide } })
  })
})

describe('names', () => {
  test.each([
    { name: 'my-lsm', bare: 'my-lsm', factory: 'myLsm' },
    { name: '@me/night-watch', bare: 'night-watch', factory: 'nightWatchLsm' },
    { name: 'test', bare: 'test', factory: 'testLsm' },
    { name: 'class', bare: 'class', factory: 'classLsm' },
    { name: 'lsm', bare: 'lsm', factory: 'lsm' },
    { name: 'a1-2b', bare: 'a1-2b', factory: 'a12bLsm' },
  ])('$name is made by $factory', ({ name, bare, factory }) => {
    expect(faultOfName(name)).toBeNull()
    expect(namesOf(name)).toEqual({ package: name, bare, factory })
  })

  const refused = ['', 'My-Lsm', '../up', 'a/b', '@me/', 'a b', '1st', '-a', 'a--b', 'smack', '@me/selinux']
  test.each([...refused, 'a'.repeat(201)])('`%s` is refused', (name) => {
    expect(faultOfName(name)).not.toBeNull()
  })
})

describe('the command line', () => {
  const run = async (...args: string[]) => {
    const [out, errors]: string[][] = [[], []]
    const before = process.cwd()
    process.chdir(parent)
    try {
      const code = await runCreate(args, {
        out: (text) => out.push(text),
        error: (text) => errors.push(text),
        isTerminal: false,
      })
      return { code, out: out.join('\n'), errors: errors.join('\n') }
    } finally {
      process.chdir(before)
    }
  }

  test('makes the folder and says how to go on', async () => {
    const { code, out } = await run('night-watch', '--template', 'policy')
    expect({ code, made: readdirSync(parent) }).toEqual({ code: 0, made: ['night-watch'] })
    expect(out).toContain('cd night-watch')
  })

  test('without a name or template it has defaults', async () => {
    expect((await run('--yes')).code).toBe(0)
    expect(readdirSync(join(parent, 'my-lsm'))).toContain('scenarios')
  })

  test('an empty folder is used, one with something in it is left alone', async () => {
    mkdirSync(join(parent, 'here'))
    expect((await run('here')).code).toBe(0)
    mkdirSync(join(parent, 'there'))
    writeFileSync(join(parent, 'there', 'notes'), 'mine')
    expect(await run('there')).toMatchObject({ code: 1, errors: expect.stringContaining('is not empty') })
    expect(readdirSync(join(parent, 'there'))).toEqual(['notes'])
  })

  test.each([
    { args: ['a', '--template', 'lms'], says: 'there is no template `lms`' },
    { args: ['a', '--template'], says: '--template' },
    { args: ['a', '--tempalte', 'lsm'], says: '--tempalte' },
    { args: ['a', 'b'], says: 'one name is enough: a b' },
    { args: ['../up'], says: '`../up` cannot be a name' },
  ])('$args is wrong usage', async ({ args, says }) => {
    expect(await run(...args)).toMatchObject({ code: 2, errors: expect.stringContaining(says) })
    expect(readdirSync(parent)).toEqual([])
  })

  test('--help names every template', async () => {
    const { code, out } = await run('--help')
    expect(code).toBe(0)
    for (const name of Object.keys(templates)) expect(out).toContain(name)
  })
})
