/** `--watch` as a process: files change under it, and it runs again. */
import { spawn } from 'node:child_process'
import type { ChildProcessByStdio } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { lsm } from '../test/test-io.ts'

const parent = mkdtempSync(join(tmpdir(), 'lsm-watch-'))
afterAll(() => rmSync(parent, { recursive: true }))
let folders = 0

class Watched {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly closed: Promise<number | null>
  text = ''
  #wake = (): void => {}

  constructor(cwd: string, args: readonly string[]) {
    const main = fileURLToPath(new URL('lsm.ts', import.meta.url))
    this.child = spawn(process.execPath, ['--conditions=lsmkit:source', '--no-warnings', main, ...args], {
      cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, INIT_CWD: cwd },
    })
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (bytes: Buffer) => {
        this.text += bytes.toString()
        this.#wake()
      })
    }
    this.closed = new Promise((resolve) => this.child.on('close', (code) => {
      resolve(code)
      this.#wake()
    }))
  }

  /** What was written when it has waited for changes so many times. */
  async waited(times: number): Promise<string> {
    while (this.text.split('waiting for changes').length <= times && this.child.exitCode === null) {
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    // its own run no longer hides changes
    await new Promise((resolve) => setTimeout(resolve, 150))
    return this.text
  }
}

let running: Watched | null = null
afterEach(() => void running?.child.kill('SIGKILL'))

const started = (
  files: Readonly<Record<string, string>>, args: readonly string[],
): { cwd: string; watched: Watched } => {
  const cwd = join(parent, String(folders++))
  mkdirSync(cwd)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
  running = new Watched(cwd, args)
  return { cwd, watched: running }
}

const scenario = (errno: string): string =>
  `scenario: one\nidentities: { a: { uid: 1 } }\nobjects: { /x: { file: x, mode: 0600 } }
steps: [{ as: a, open: [/x, O_RDONLY], expect: ${errno} }]`

test('a changed file is run again, through mistakes, and the last exit code is the answer', async () => {
  const { cwd, watched } = started({ 'a.yaml': scenario('EACCES') }, ['scenario', '--watch', 'a.yaml'])
  expect(await watched.waited(1)).toContain('1 passed, 0 failed')
  writeFileSync(join(cwd, 'a.yaml'), scenario('EPERM'))
  expect(await watched.waited(2)).toContain('0 passed, 1 failed')
  writeFileSync(join(cwd, 'a.yaml'), scenario('EPRM'))
  expect(await watched.waited(3)).toContain('error: a.yaml:4:')
  writeFileSync(join(cwd, 'a.yaml'), scenario('EPERM'))
  const text = await watched.waited(4)
  expect(text).not.toContain('\x1b[2J')
  watched.child.kill('SIGTERM')
  expect(await watched.closed).toBe(1)
}, 60_000)

test('a new file of a folder counts, and a report beside the files starts no further run', async () => {
  const { cwd, watched } = started({ 'a.yaml': scenario('EACCES') },
    ['scenario', '--watch', '--reporter', 'junit=out.xml', '--reporter', 'pretty', '.'])
  await watched.waited(1)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(watched.text.split('waiting').length).toBe(2)
  writeFileSync(join(cwd, 'b.yaml'), scenario('EACCES'))
  expect(await watched.waited(2)).toContain('2 passed, 0 failed')
  watched.child.kill('SIGINT')
  expect(await watched.closed).toBe(0)
}, 60_000)

test('rules of Smack are checked again too', async () => {
  const { cwd, watched } = started({ rules: 'A B r\n' }, ['smack', 'check', '--watch', 'rules'])
  await watched.waited(1)
  writeFileSync(join(cwd, 'rules'), 'A B qq\n')
  expect(await watched.waited(2)).toMatch(/rules:1/)
  watched.child.kill('SIGTERM')
  expect(await watched.closed).toBe(1)
}, 60_000)

describe('nothing to watch', () => {
  test.each([
    { args: ['scenario', '--watch', '-'], code: 2, says: 'standard input cannot be watched' },
    { args: ['scenario', '--watch', 'not-there.yaml'], code: 3, says: 'there is no file to watch' },
    { args: ['explain', '--watch'], code: 2, says: 'unknown option' },
  ])('$args', async ({ args, code, says }) => {
    const ran = await lsm(args, { cwd: parent })
    expect(ran.code).toBe(code)
    expect(ran.stderr).toContain(says)
  })
})
