/**
 * What the main entry of each package exports as values: for a module its factory and its errors. Engines, parsers and
 * tools are subpaths. Names that a package keeps for one minor are in its `deprecated.ts`, and docs/upgrading.md says
 * where they are now.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

const SURFACES: Readonly<Record<string, readonly string[]>> = {
  apparmor: ['ApparmorError', 'apparmor'],
  bpf: ['BpfError', 'BpfLoadError', 'bpf', 'overrideReturn'],
  capability: ['CapsError', 'capability'],
  landlock: ['LandlockError', 'landlock', 'ruleset'],
  loadpin: ['loadpin'],
  lockdown: ['lockdown', 'lockdownReasons'],
  safesetid: ['safesetid'],
  selinux: ['selinux'],
  smack: ['SmackError', 'smack'],
  yama: [
    'YAMA_SCOPE_CAPABILITY', 'YAMA_SCOPE_DISABLED', 'YAMA_SCOPE_NO_ATTACH', 'YAMA_SCOPE_RELATIONAL', 'yama',
  ],
}

const valuesOf = async (file: string): Promise<string[]> =>
  Object.keys((await import(join(root, file))) as Record<string, unknown>).sort()

const deprecatedIn = async (name: string): Promise<readonly string[]> => {
  const file = `packages/${name}/src/deprecated.ts`
  return existsSync(join(root, file)) ? valuesOf(file) : []
}

interface Manifest {
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

const subpathsOf = (name: string): readonly string[] => {
  const { exports } = JSON.parse(readFileSync(join(root, `packages/${name}/package.json`), 'utf8')) as Manifest
  return Object.entries(exports).flatMap(([path, entry]) => {
    const source = typeof entry === 'string' || path === '.' ? undefined : entry['lsmkit:source']
    return source === undefined ? [] : [join(`packages/${name}`, source)]
  })
}

describe.each(Object.entries(SURFACES))('%s', (name, wanted) => {
  test('its main entry', async () => {
    const deprecated = new Set(await deprecatedIn(name))
    const found = await valuesOf(`packages/${name}/src/index.ts`)
    expect(found.filter((value) => wanted.includes(value) || !deprecated.has(value))).toEqual(wanted)
  })

  test('what has moved is in a subpath, and in the upgrade notes', async () => {
    const moved = (await deprecatedIn(name)).filter((value) => !wanted.includes(value))
    const there = new Set((await Promise.all(subpathsOf(name).map(valuesOf))).flat())
    const page = readFileSync(join(root, 'docs/upgrading.md'), 'utf8')
    expect(moved.filter((value) => !there.has(value))).toEqual([])
    expect(moved.filter((value) => !page.includes(`\`${value}\``))).toEqual([])
  })
})

test('each package that defines a module has a row', () => {
  const modules = readdirSync(join(root, 'packages')).filter((name) => {
    const lsm = ['lsm.ts', 'lsm/bpf-lsm.ts'].map((file) => join(root, `packages/${name}/src`, file))
    return lsm.some((file) => existsSync(file) && readFileSync(file, 'utf8').includes('defineLsm('))
  })
  expect(Object.keys(SURFACES)).toEqual(modules.sort())
})
