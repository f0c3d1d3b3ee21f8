/** Scripts that the built command loads when it first needs them, and what stands for their functions until then. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

type StandInFor = (path: string, name: string, callee: string) => string | null
const scripts = new URL('../scripts/stand-ins.mjs', import.meta.url).href
const { standInFor } = await import(scripts) as { standInFor: StandInFor }

const folder = mkdtempSync(join(tmpdir(), 'lsm-later-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const module = join(folder, 'module.ts')
writeFileSync(module, `
  import { far } from './far.ts'
  export const add = (a: number, b: number): number => a + b
  export const sum = (first: number, scale = 1, ...rest: number[]): number => 0
  export function named(this: Date) {}
  export async function later(word: string) {}
  export const calls = { add, far, near(a: number) {}, other: (a: number, b: number) => b } as const
  export const mixed = { add, size: 3 }
  export const none = {}
  export const SIZE = 4096
  export const NAME = 'name' as const
  export const bits = 1 << 3
  export class Thing {}
`)
writeFileSync(join(folder, 'far.ts'), 'export const far = (a: string, b: string, c: string): string => a')

test.each<[name: string, text: string | null, why: string]>([
  ['add', '(a0,a1)=>real(a0,a1)', 'as many arguments'],
  ['sum', '(a0,...more)=>real(a0,...more)', '`length` stops at a default'],
  ['later', '(a0)=>real(a0)', 'a promise is passed on'],
  ['named', null, '`this` would be lost'],
  ['calls', '{add:(a0,a1)=>real.add(a0,a1),far:(a0,a1,a2)=>real.far(a0,a1,a2),near:(a0)=>real.near(a0),' +
    'other:(a0,a1)=>real.other(a0,a1)}', 'every entry is a function, written there or not'],
  ['mixed', null, 'an entry is none'],
  ['none', null, 'nothing to call'],
  ['SIZE', '4096', 'a number is the same everywhere'],
  ['NAME', "'name'", 'a text too'],
  ['bits', null, 'it would have to be computed'],
])('%s: %s, %s', (name, text) => expect(standInFor(module, name, 'real')).toBe(text))

const executable = fileURLToPath(new URL('../dist/lsm.cjs', import.meta.url))
const hello = fileURLToPath(new URL('../../../bench/src/wasi/guest/hello.wasm', import.meta.url))

test.skipIf(!existsSync(executable))('the start of a program loads none of them', () => {
  const env = { ...process.env, XDG_CACHE_HOME: folder, NODE_DISABLE_COMPILE_CACHE: undefined }
  const { stdout } = spawnSync(process.execPath, [executable, 'run', hello], { env, encoding: 'utf8' })
  expect(stdout).toBe('hello\n')
  const [version] = readdirSync(join(folder, 'lsmkit'))
  const [head] = readFileSync(join(folder, 'lsmkit', version!, 'run'), 'latin1').split('\n')
  const { parts } = JSON.parse(head!) as { parts: string[] }
  expect(parts).toContain('command.js')
  expect(parts.filter((part) => part.startsWith('later-'))).toEqual([])
})
