/** `lsm serve`: requests of HTTP for a component in a box, its refusals as sentences, and mistakes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pc from 'picocolors'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { echo3 } from '../../../wasi/test/components3.ts'
import { echo } from '../../../wasi/test/http-components.ts'
import { lsm } from '../../test/test-io.ts'
import type { Io } from '../io.ts'
import { serveCommand } from './serve.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-serve-'))
afterAll(() => rmSync(cwd, { recursive: true }))
beforeAll(async () => {
  writeFileSync(join(cwd, 'policy.json'), JSON.stringify({ version: 1, allow: {} }))
  writeFileSync(join(cwd, 'echo.wasm'), await echo())
  writeFileSync(join(cwd, 'echo3.wasm'), await echo3())
  writeFileSync(join(cwd, 'silent.wasm'), await echo('not at all'))
})

/** Serves while `use` runs; what was noted on stderr. */
const serving = async (program: string, use: (url: string) => Promise<void>): Promise<string[]> => {
  const notes: string[] = []
  const io: Io = {
    print: () => {}, note: (line) => void notes.push(line), stdout: () => {}, stderr: () => {}, stdin: () => 0,
    terminal: () => null, cwd, colors: pc.createColors(false),
  }
  const code = await serveCommand(io, program, { policy: 'policy.json', listen: '127.0.0.1:0' }, async () =>
    use(/http:\S+/.exec(notes[0]!)![0]))
  expect(code).toBe(0)
  return notes.slice(1)
}

test('requests are answered, side by side, until somebody stops it', async () => {
  const notes = await serving('echo.wasm', async (url) => {
    const ask = async (path: string, init?: RequestInit) => {
      const answer = await fetch(url + path, init)
      return [answer.status, await answer.text()]
    }
    expect(await Promise.all([ask('/a?b'), ask('/c', { method: 'POST', body: ' body' })]))
      .toEqual([[201, '/a?b'], [201, '/c body']])
    expect((await fetch(`${url}/d`, { method: 'HEAD' })).status).toBe(201)
  })
  expect(notes).toEqual([])
})

test('a body of megabytes comes back in parts, and nothing warns of it', async () => {
  const warnings: Error[] = []
  const warn = (warning: Error): void => void warnings.push(warning)
  process.on('warning', warn)
  const notes = await serving('echo3.wasm', async (url) => {
    const answer = await fetch(url, { method: 'POST', body: new Uint8Array(3_000_000).fill(7) })
    expect([...new Set(new Uint8Array(await answer.arrayBuffer()))]).toEqual([7])
  })
  process.off('warning', warn)
  expect({ notes, warnings }).toEqual({ notes: [], warnings: [] })
})

test('a component that gives no answer is answered for, and the reason is a line', async () => {
  const notes = await serving('silent.wasm', async (url) => {
    expect((await fetch(url)).status).toBe(500)
  })
  expect(notes).toEqual(['lsm: the component has set no response'])
})

test.each([
  [['serve', 'echo.wasm'], 2, /there is no policy\n\(`--policy FILE`/],
  [['serve', '--policy', 'policy.json', 'nowhere.wasm'], 2, /neither a file of the host/],
  [['serve', '--policy', 'policy.json', '--listen', '8080', 'echo.wasm'], 2, /`8080` is not ADDRESS:PORT/],
  [['serve', '--policy', 'policy.json', '--listen', 'a:99999', 'echo.wasm'], 2, /is not ADDRESS:PORT/],
  [['serve', '--policy', 'policy.json', '--listen', '192.0.2.1:1', 'echo.wasm'], 2, /EADDRNOTAVAIL/],
])('%j', async (args, code, message) => {
  const ran = await lsm(args, { cwd })
  expect(ran.code).toBe(code)
  expect(ran.stderr).toMatch(message)
})
