/** The folder in which threads find compiled code, and those that are not taken. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { threadCache } from './thread-cache.ts'
import type { Host } from './thread-cache.ts'

const root = mkdtempSync(join(tmpdir(), 'lsmkit-thread-cache-'))
afterAll(() => rmSync(root, { recursive: true }))

let home = ''
let packages = ''
beforeEach(() => {
  const base = mkdtempSync(join(root, 'case-'))
  home = join(base, 'home')
  packages = join(base, 'project/node_modules')
  mkdirSync(home)
  mkdirSync(packages, { recursive: true })
})

const host = (env: Record<string, string> = {}, node = '24.1.0', uid = process.getuid!()): Host => ({
  env: { XDG_CACHE_HOME: home, ...env }, platform: 'linux', versions: { node }, getuid: () => uid,
  getBuiltinModule: process.getBuiltinModule as never,
})
const installed = (): string => pathToFileURL(join(packages, '@lsmkit/sandbox/dist/worker.js')).href
const elsewhere = 'file:///app/worker.js'

test('beside the packages, or in the home if they lie in no node_modules', () => {
  expect(threadCache(installed(), host())).toBe(join(packages, '.cache/lsmkit/threads'))
  expect(threadCache(elsewhere, host())).toBe(join(home, 'lsmkit/threads'))
  expect(threadCache('https://example.org/worker.js', host())).toBe(join(home, 'lsmkit/threads'))
})

test('packages of somebody else get no file of ours, and no folder is taken that is not ours', () => {
  expect(threadCache(installed(), host({}, '24.1.0', 12345))).toBe(null)
  expect(existsSync(join(packages, '.cache'))).toBe(false)
})

test('a folder that others may write, and one that cannot be made', () => {
  mkdirSync(join(packages, '.cache/lsmkit/threads'), { recursive: true })
  chmodSync(join(packages, '.cache/lsmkit/threads'), 0o777)
  expect(threadCache(installed(), host())).toBe(join(home, 'lsmkit/threads'))
  writeFileSync(join(home, 'file'), '')
  expect(threadCache(elsewhere, host({ XDG_CACHE_HOME: join(home, 'file') }))).toBe(null)
})

test.each([
  ['Node without such a cache', {}, '20.19.0'],
  ['Node without such a cache', {}, '22.7.0'],
  ['a user who wants none', { NODE_DISABLE_COMPILE_CACHE: '1' }, '24.1.0'],
  ['a user who has one', { NODE_COMPILE_CACHE: '/tmp/own' }, '24.1.0'],
])('%s', (_, env, node) => {
  expect(threadCache(installed(), host(env, node))).toBe(null)
})
