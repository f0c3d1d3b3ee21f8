/** The tables of layers: what each import is answered, and that tables and picture are of the tree as it is. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importFault } from './check.ts'
import { sourcesOf } from './import-graph.ts'
import { packageLayers } from './packages.ts'
import { knottedRooms, pageWithPicture, readPage } from './picture.ts'
import { kernelDoors, kernelFloors, roomOf } from './rooms.ts'

const root = join(import.meta.dirname, '../..')

describe('an import', () => {
  test.each([
    ['packages/abi/src/errno.ts', '@lsmkit/core', /abi may import no package/],
    ['packages/smack/src/lsm.ts', '@lsmkit/core/option-rules', null],
    ['packages/smack/src/lsm.ts', '@lsmkit/kernel', /smack may import abi, core/],
    ['packages/smack/src/lsm.ts', '@lsmkit/selinux', /imports go one way/],
    ['packages/smack/src/lsm.test.ts', '@lsmkit/kernel', null],
    ['packages/sandbox/src/box.ts', '@lsmkit/landlock', null],
    ['packages/sandbox/src/box.ts', '@lsmkit/landlock/learn', /imports go one way/],
    ['packages/mcp/src/tool-thread.ts', '@lsmkit/wasi/threads', null],
    ['packages/mcp/src/tool-thread.ts', '@lsmkit/wasi', /imports go one way/],
    ['packages/core/src/stack.ts', 'node:fs', /browsers/],
    ['packages/node/src/fs.ts', 'node:fs', null],
    ['packages/kernel/src/hostfs.ts', 'node:fs', null],
    ['packages/kernel/src/vfs/rw.ts', 'node:fs', /browsers/],
    ['packages/unheard/src/index.ts', '@lsmkit/abi', /no line in scripts\/layers\/packages.ts/],
    ['packages/smack/src/lsm.ts', '../../core/src/index.ts', /other packages by name/],
    ['packages/kernel/src/vfs/rw.ts', '../state/keys/key.ts', null],
    ['packages/kernel/src/vfs/path/walk.ts', '../../keys/life.ts', /the room vfs may import the rooms below/],
    ['packages/kernel/src/state/exec/binprm.ts', '../mm/address-space.ts', null],
    ['packages/kernel/src/state/exec/binprm.ts', '../../mm/mms.ts', /the room state may import/],
    ['packages/kernel/src/fs/proc/root.ts', '../../syscalls/entry.ts', /the room fs may import/],
    ['packages/kernel/src/unheard/x.ts', '../state/bound.ts', /no floor/],
    ['packages/kernel/src/index.ts', './boot/kernel.ts', null],
    ['conformance/src/main.ts', '@lsmkit/kernel', null],
  ])('%s of %s', (file, specifier, answer) => {
    if (answer === null) expect(importFault(file, specifier)).toBe(null)
    else expect(importFault(file, specifier)).toMatch(answer)
  })
})

test('every package has a line, and every line a package', () => {
  const packages = globSync('packages/*/src', { cwd: root }).map((path) => path.split('/')[1])
  expect(Object.keys(packageLayers).sort()).toEqual(packages.sort())
})

test('every room of the kernel has a floor, and every floor a room', () => {
  const rooms = new Set(sourcesOf(join(root, 'packages/kernel/src')).map(roomOf))
  expect([...kernelFloors.flatMap((floor) => floor.rooms), ...kernelDoors].sort()).toEqual([...rooms].sort())
})

test('no room of the kernel imports a room that imports it', () => expect(knottedRooms()).toEqual([]))

test('the picture in ARCHITECTURE.md is drawn from the imports as they are', () =>
  expect(readPage()).toBe(pageWithPicture(readPage())))

test('the lint rules are on for every package', () => {
  const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8'))
  expect(config.rules['lsmkit/layers']).toBe('error')
  const browsers = Object.keys(packageLayers).filter((name) => !packageLayers[name]!.node).sort()
  const globals = config.overrides.find(({ rules }: { rules: object }) => 'no-restricted-globals' in rules)
  expect(globals.files).toEqual([`packages/{${browsers.join(',')}}/src/**`])
  expect(config.jsPlugins.every((name: string) => !name.startsWith('.') || existsSync(join(root, name)))).toBe(true)
})
