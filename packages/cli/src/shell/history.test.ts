/** The history of `lsm shell`: its file on the host, its file in the box, and nothing that drives a terminal. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { AT_FDCWD, O_TRUNC, O_WRONLY } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import { hasTerminals, typeAt } from '../../test/test-terminal.ts'
import { addHistory, BOX_HISTORY, giveHistory, historyFile, readHistory, takeHistory } from './history.ts'

const folder = mkdtempSync(join(tmpdir(), 'lsm-history-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const aFile = (): string => join(folder, String(files++), 'lsmkit', 'shell-history')

describe('the file of the host', () => {
  test('is for its user alone, and grows to a bound', () => {
    const path = aFile()
    expect(readHistory(path)).toEqual([])
    addHistory(path, ['one', 'two'])
    addHistory(path, Array.from({ length: 999 }, (_, i) => `line ${i}`))
    const lines = readHistory(path)
    expect([lines.length, lines[0], lines.at(-1)]).toEqual([1000, 'two', 'line 998'])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700)
  })

  test('has text alone', () => {
    const path = aFile()
    addHistory(path, ['echo grüße', 'a\x1b[2J', 'b\u009b', 'c\x07', 'd\u202e', 'e\nf', 'x'.repeat(4096), 'ok'])
    expect(readFileSync(path, 'utf8')).toBe('echo grüße\nok\n')
    writeFileSync(path, 'fine\n\x1b]0;title\x07\n\n')
    expect(readHistory(path)).toEqual(['fine'])
  })

  test('another file that a link names is left alone, and a folder in its place is an error', () => {
    const path = aFile()
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(join(folder, 'other'), 'mine\n')
    symlinkSync(join(folder, 'other'), path)
    addHistory(path, ['one'])
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('mine\n')
    const taken = aFile()
    mkdirSync(taken, { recursive: true })
    expect(readHistory(taken)).toEqual([])
    expect(() => addHistory(taken, ['one'])).toThrow(/EISDIR|ENOTEMPTY|EEXIST/)
  })

  test.each([
    { env: { XDG_STATE_HOME: '/state' }, path: '/state/lsmkit/shell-history' },
    { env: { XDG_STATE_HOME: 'state' }, path: /\/\.local\/state\/lsmkit\/shell-history$/ },
    { env: {}, path: /\/\.local\/state\/lsmkit\/shell-history$/ },
  ])('$env', ({ env, path }) => {
    const found = historyFile(env)
    if (typeof path === 'string') expect(found).toBe(path)
    else expect(found).toMatch(path)
  })
})

describe('the file of the box', () => {
  const booted = () => {
    const kernel = bootKernel({ stack: createStack({ lsms: [capability()] }) })
    kernel.sys.mkdirat(kernel.init, AT_FDCWD, '/home', 0o755)
    const rewrite = (text: string): void => {
      const fd = kernel.sys.openat(kernel.init, AT_FDCWD, BOX_HISTORY, O_WRONLY | O_TRUNC, 0)
      kernel.sys.write(kernel.init, fd, new TextEncoder().encode(text))
      kernel.sys.close(kernel.init, fd)
    }
    return { kernel, rewrite }
  }

  test.each([
    { after: 'one\ntwo\nthree\n', news: ['three'] },
    { after: 'one\ntwo\n', news: [] },
    { after: 'another\n', news: ['another'] },
    { after: 'one\ntwo\n\x1b[2J\nok\n', news: ['ok'] },
    { after: '', news: [] },
  ])('$after', ({ after, news }) => {
    const { kernel, rewrite } = booted()
    expect(giveHistory(kernel, kernel.init, ['one', 'two'])).toBe(true)
    rewrite(after)
    expect(takeHistory(kernel, ['one', 'two'])).toEqual(news)
  })

  test('one that is gone, and one that cannot be made', () => {
    const { kernel } = booted()
    expect(takeHistory(kernel, [])).toEqual([])
    kernel.sys.rmdir(kernel.init, '/home')
    expect(giveHistory(kernel, kernel.init, [])).toBe(false)
  })
})

describe.skipIf(!hasTerminals)('lsm shell at a terminal', () => {
  const before = process.env['XDG_STATE_HOME']
  afterEach(() => {
    if (before === undefined) delete process.env['XDG_STATE_HOME']
    else process.env['XDG_STATE_HOME'] = before
  })

  test('the next session has the lines, one with --no-history neither reads nor writes them', async () => {
    process.env['XDG_STATE_HOME'] = join(folder, 'state')
    const path = join(folder, 'state', 'lsmkit', 'shell-history')
    await typeAt('shell --quiet', [['echo on\t\x7fne\r', '\none\n'], ['exit\r', 'exit']])
    expect(readFileSync(path, 'utf8')).toBe('echo one\nexit\n')
    const again = await typeAt('shell --quiet', [['\x1b[A\x1b[A\r', '\none\n'], ['exit 3\r', 'exit 3']])
    expect(again.code).toBe(3)
    expect(readFileSync(path, 'utf8')).toBe('echo one\nexit\necho one\nexit 3\n')
    const none = await typeAt('shell --quiet --no-history', [
      ['\x1b[A', '\x07'], ['hel\t\r', 'Words of the shell'], ['exit\r', 'exit'],
    ])
    expect(none.shown).not.toContain('echo one')
    expect(readFileSync(path, 'utf8')).toBe('echo one\nexit\necho one\nexit 3\n')
  })
})
