/**
 * The first program of a README, and of some pages, runs as it stands, and prints what its comments promise: beside a
 * line, or below the program. READMEs whose test is of another kind have it beside their package's sources.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testLandlock } from '../packages/native/src/testing/host.ts'
import { firstProgram } from './readme-program.mjs'

const root = join(import.meta.dirname, '..')
const hasLandlock = (): boolean => testLandlock() > 0

test.each<{ readme: string; lines: number; cwd?: string; type?: 'module' }>([
  // as JavaScript, in an example that has what the install line names
  { readme: 'README.md', lines: 3, cwd: 'examples/smallest-stack', type: 'module' },
  { readme: 'docs/getting-started.md', lines: 3, cwd: 'examples/smallest-stack', type: 'module' },
  { readme: 'docs/just-bash-without-network.md', lines: 2, cwd: 'site' },
  { readme: 'docs/landlock-limits.md', lines: 3, cwd: 'site' },
  { readme: 'docs/unix-sockets.md', lines: 2, cwd: 'site' },
  { readme: 'packages/apparmor/README.md', lines: 5 },
  { readme: 'packages/core/README.md', lines: 4 },
  { readme: 'packages/deno/README.md', lines: 2 },
  { readme: 'packages/emit/README.md', lines: 6 },
  { readme: 'packages/fleet/README.md', lines: 2 },
  { readme: 'packages/just-bash/README.md', lines: 3 },
  { readme: 'packages/kernel/README.md', lines: 5 },
  { readme: 'packages/loadpin/README.md', lines: 4 },
  { readme: 'packages/lockdown/README.md', lines: 4 },
  { readme: 'packages/mcp/README.md', lines: 26 },
  ...hasLandlock() ? [{ readme: 'packages/native/README.md', lines: 1 }] : [],
  { readme: 'packages/node/README.md', lines: 3 },
  { readme: 'packages/otel/README.md', lines: 16 },
  { readme: 'packages/report/README.md', lines: 3 },
  { readme: 'packages/safesetid/README.md', lines: 4 },
  { readme: 'packages/sandbox/README.md', lines: 2 },
  { readme: 'packages/wasi/README.md', lines: 2 },
  { readme: 'packages/yama/README.md', lines: 4 },
])('$readme', ({ readme, lines, cwd = join(readme, '../src'), type = 'module-typescript' }) => {
  const program = /```ts\n(.*?)```/s.exec(readFileSync(join(root, readme), 'utf8'))?.[1] ?? ''
  const args = ['--conditions=lsmkit:source', `--input-type=${type}`, '-e', program]
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: join(root, cwd), encoding: 'utf8' })
  const below = /(?<=\n)(?:\/\/ .*\n)+$/.exec(program)?.[0]
  const promised = [...(below ?? program).matchAll(below === undefined ? / \/\/ (.*)$/gm : /^\/\/ (.*)$/gm)]
    .map(([, line]) => line)
  expect(promised).toHaveLength(lines)
  expect({ printed: stdout.trimEnd().split('\n'), stderr }).toEqual({ printed: promised, stderr: '' })
})

test('getting started has the program of README.md', () => {
  const [readme, page] = ['README.md', 'docs/getting-started.md'].map((file) => readFileSync(join(root, file), 'utf8'))
  expect(firstProgram(page!)).toBe(firstProgram(readme!))
})
