/** The shell of `programs/` at a terminal: keys, Tab, history, help. The rows are those that a person would see. */
import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { capability } from '@lsmkit/capability'
import type { Kernel } from '@lsmkit/kernel'
import { installTools, toolBytes } from '../test/tools.ts'
import { becomeWasiAsync } from './run-async.ts'
import { openTerminal } from './terminal.ts'
import type { Terminal } from './terminal.ts'
import { bootForTest, childOf, makeDir, writeFile } from './testing/boot.ts'
import { Screen } from './testing/screen.ts'

const [UP, DOWN, LEFT, RIGHT, HOME, END, DELETE] = ['A', 'B', 'C', 'D', 'H', 'F', '3~']
  .map((key) => `\x1b[${key === 'C' ? 'D' : key === 'D' ? 'C' : key}`)
const ctrl = (letter: string): string => String.fromCharCode(letter.charCodeAt(0) & 0x1f)

class Session {
  readonly kernel: Kernel = bootForTest([capability()])
  readonly screen = new Screen()
  readonly #terminal: Terminal
  readonly ended: Promise<unknown>
  #writes = 0

  constructor({ env = {}, history, columns = 60 }: {
    env?: Record<string, string>; history?: string; columns?: number
  } = {}) {
    const { kernel } = this
    installTools(kernel)
    makeDir(kernel, '/home')
    makeDir(kernel, '/home/notes')
    writeFile(kernel, '/home/note.txt', 'of note\n')
    writeFile(kernel, '/home/two words', 'two\n')
    writeFile(kernel, '/home/.hidden', '')
    writeFile(kernel, '/home/grüße', 'hallo\n')
    if (history !== undefined) writeFile(kernel, '/home/.history', history)
    const task = childOf(kernel)
    kernel.sys.chdir(task, '/home')
    this.#terminal = openTerminal(kernel, task, {
      uid: 0, size: { rows: 24, columns }, write: (bytes) => {
        this.screen.write(new TextDecoder().decode(bytes))
        this.#writes++
      },
    })
    this.ended = becomeWasiAsync(kernel, task, {
      program: '/bin/sh', argv: ['sh'], posix: true, preopens: { '/': '/' },
      env: { PATH: '/bin', HOME: '/home', TERM: 'xterm', HISTFILE: '/home/.history', ...env },
    })
  }

  /** Types, waits until the shell waits for more, and until the last row is this one. */
  async type(keys: string, line: string): Promise<void> {
    await this.#terminal.type(new TextEncoder().encode(keys))
    await this.shows(line)
  }

  async shows(line: string): Promise<void> {
    const late = Date.now() + 30_000
    // the shell runs in this thread: in so many turns of the event loop it has done what it can
    for (let quiet = 0; quiet < 25 || (this.screen.line !== line && Date.now() < late); quiet++) {
      const before = this.#writes
      await new Promise((resolve) => setTimeout(resolve))
      if (this.#writes !== before) quiet = 0
    }
    if (this.screen.line !== line) throw new Error(`the row is ${this.screen.line}, not ${line}`)
  }

  async end(): Promise<void> {
    await this.#terminal.close()
    await this.ended
  }

  read(path: string): string {
    const { sys, init } = this.kernel
    const fd = sys.openat(init, -100, path, 0, 0)
    const buffer = new Uint8Array(4096)
    return new TextDecoder().decode(buffer.subarray(0, sys.read(init, fd, buffer)))
  }
}

let session: Session | null = null
afterEach(async () => {
  await session?.end()
  session = null
})
const started = async (options: ConstructorParameters<typeof Session>[0] = {}): Promise<Session> => {
  session = new Session(options)
  await session.shows('# |')
  return session
}

describe('keys', () => {
  test.each([
    { what: 'erase', keys: 'echo helol\x7f\x7flo', line: '# echo hello|' },
    { what: 'arrows, home and end', keys: `ac${LEFT}b${HOME}x${END}d${LEFT}${RIGHT}e`, line: '# xabcde|' },
    { what: 'Ctrl-A, E, B, F', keys: `bc${ctrl('A')}a${ctrl('E')}e${ctrl('B')}d${ctrl('F')}f`, line: '# abcdef|' },
    { what: 'delete and Ctrl-D', keys: `abc${HOME}${DELETE}${ctrl('D')}`, line: '# |c' },
    { what: 'words', keys: `one two three${ctrl('W')}\x1bb\x1bb${ctrl('K')}`, line: '# |' },
    { what: 'kill and yank', keys: `one two${ctrl('U')}x ${ctrl('Y')}`, line: '# x one two|' },
    { what: 'Alt-F, Alt-D, Ctrl with arrows', keys: `one two${HOME}\x1bf\x1bd\x1b[1;5D!`, line: '# !|one' },
    { what: 'characters of several bytes', keys: `grüße 日本${LEFT}${LEFT}\x7f!`, line: '# grüße!|日本' },
    { what: 'keys that are not known', keys: '\x1b[24~\x1b[200~a\x1bOZ\x00b', line: '# ab|' },
  ])('$what', async ({ keys, line }) => {
    await (await started()).type(keys, line)
  })

  test('a line that is longer than the row scrolls sideways', async () => {
    const one = await started({ columns: 20 })
    await one.type('echo 0123456789abcdefghij', '# 3456789abcdefghij|')
    await one.type(HOME!, '# |echo 0123456789ab')
    await one.type('\r', '# |')
    expect(one.screen.text).toContain('\n0123456789abcdefghij\n')
  })

  test('Ctrl-C drops the line, Ctrl-L clears, a line goes on until it is complete, Ctrl-D ends', async () => {
    const one = await started()
    await one.type('echo no', '# echo no|')
    await one.type('\x03', '# |')
    await one.type('echo "a\r', '> |')
    await one.type('b"\r', '# |')
    expect(one.screen.text).toContain('\na\nb\n#')
    await one.type(`x${ctrl('L')}`, '# x|')
    expect(one.screen.text).toBe('# x')
    await one.type('\x7f', '# |')
    void one.type('\x04', '|')
    expect(await one.ended).toMatchObject({ status: 0 })
  })
})

describe('Tab', () => {
  test.each([
    { what: 'a command', keys: 'chm\t', line: '# chmod |' },
    { what: 'the part that commands share', keys: 'ch\t', line: '# ch|' },
    { what: 'a word of the shell', keys: 'umas\t', line: '# umask |' },
    { what: 'a command behind a pipe', keys: 'ls | slee\t', line: '# ls | sleep |' },
    { what: 'a command behind a word that leads to one', keys: 'if tru\t', line: '# if true |' },
    { what: 'a file', keys: 'cat note.\t', line: '# cat note.txt |' },
    { what: 'a directory', keys: 'ls /hom\t', line: '# ls /home/|' },
    { what: 'below the home', keys: 'ls ~/notes\t', line: '# ls ~/notes/|' },
    { what: 'a file behind a redirection', keys: 'echo x > note.\t', line: '# echo x > note.txt |' },
    { what: 'a program by its path', keys: '/bin/slee\t', line: '# /bin/sleep |' },
    { what: 'blanks in a name', keys: 'cat two\t', line: '# cat two\\ words |' },
    { what: 'behind an escaped blank', keys: 'cat two\\ w\t', line: '# cat two\\ words |' },
    { what: 'a hidden file only when asked', keys: 'cat .h\t', line: '# cat .hidden |' },
    { what: 'letters that are not ASCII', keys: 'cat gr\t', line: '# cat grüße |' },
    { what: 'an option', keys: 'wget -\t', line: '# wget -O |' },
    { what: 'a variable', keys: 'echo $HISTF\t', line: '# echo $HISTFILE |' },
    { what: 'in the middle of a line', keys: `cat no /x${LEFT}${LEFT}${LEFT}te.\t`, line: '# cat note.txt| /x' },
    { what: 'inside quotes nothing', keys: 'cat "no\t', line: '# cat "no|' },
    { what: 'what is not there', keys: 'cat zz\t', line: '# cat zz|' },
  ])('$what', async ({ keys, line }) => {
    await (await started()).type(keys, line)
  })

  test('what is not unique is listed', async () => {
    const one = await started()
    await one.type('ch\t', '# ch|')
    expect(one.screen.text).toBe('# ch\nchcon  check  chmod\n# ch')
    await one.type(`${ctrl('U')}cat no\t`, '# cat note|')
    await one.type('\t', '# cat note|')
    expect(one.screen.text).toContain('\nnote.txt  notes/\n# cat note')
    await one.type(`${ctrl('U')}rm -\t`, '# rm -|')
    expect(one.screen.text).toContain('\n-f  -r\n')
  })
})

describe('history', () => {
  test('up and down, with what was being typed at the end', async () => {
    const one = await started()
    await one.type('echo one\r', '# |')
    await one.type('echo two\r', '# |')
    await one.type(`thr${UP}`, '# echo two|')
    await one.type(`${UP}${UP}${UP}`, '# echo one|')
    await one.type(DOWN!, '# echo two|')
    await one.type(`${DOWN}${DOWN}`, '# thr|')
    await one.type(`${UP}${UP}${LEFT}${LEFT}${LEFT}x\r`, '# |')
    expect(one.screen.text).toContain('\nxone\n')
  })

  test('Ctrl-R searches, again for an older one', async () => {
    const one = await started({ history: 'cat a\necho two\ncat b\n' })
    await one.type(`${ctrl('R')}cat`, '(search) cat: |cat b')
    await one.type(ctrl('R'), '(search) cat: |cat a')
    await one.type(`${ctrl('G')}`, '# |')
    await one.type(`${ctrl('R')}tw${END}`, '# echo two|')
    await one.type('\r', '# |')
    expect(one.screen.text).toMatch(/\ntwo\n# $|\ntwo\n#$/)
  })

  test('it is in the file: no blanks, no line twice in a row, none that begins with a blank', async () => {
    const one = await started({ history: 'old\n' })
    for (const line of ['echo a', 'echo a', ' secret', '', 'echo b']) await one.type(`${line}\r`, '# |')
    await one.type('history\r', '# |')
    expect(one.read('/home/.history')).toBe('old\necho a\necho b\nhistory\n')
    expect(one.screen.text).toContain('    1  old\n    2  echo a\n    3  echo b\n    4  history\n')
  })

  test('bytes of the file do not drive the terminal', async () => {
    const one = await started({ history: 'echo \x1b[2Jx\x9b\u009by\x07\n' })
    await one.type(UP!, '# echo ?[2Jx??y?|')
  })

  test('without a file it is kept for the session', async () => {
    const one = await started()
    await one.type('true\r', '# |')
    await one.type(UP!, '# true|')
  })
})

test('a terminal that is dumb has its own editing', async () => {
  const one = await started({ env: { TERM: 'dumb' } })
  await one.type('echo x\x7fone\r', '# |')
  expect(one.screen.text).toContain('\none\n')
})

describe('help', () => {
  test('names every word of the shell and every program, within 80 columns', async () => {
    const one = await started({ columns: 100 })
    await one.type('help\r', '# |')
    const rows = one.screen.text.split('\n')
    expect(rows.filter((row) => row.length > 80)).toEqual([])
    for (const word of ['cd', 'fg', 'umask', 'history', 'cat', 'ls', 'wget']) {
      expect(rows.some((row) => row.startsWith(`  ${word} `))).toBe(true)
    }
    await one.type(`${ctrl('L')}help ls [ nosuch\r`, '# |')
    expect(one.screen.text).toContain('  ls [-l] [-Z] [-a] [-d] [FILE...]\n')
    expect(one.screen.text).toContain('  test EXPRESSION\n')
    expect(one.screen.text).toContain('sh: nosuch: there is no help for it\n')
  })

  /** The table that the shell was built with; `build.sh` makes it. */
  test('of each program it is the first comment of the source', () => {
    const folder = new URL('../programs/', import.meta.url)
    const table = readFileSync(new URL('lib/tools.h', folder), 'utf8')
    const rows = [...table.matchAll(/^ {2}\{"(\w+)", "(.*?)", "(.*?)"\},$/gm)]
    expect(rows.map(([, name]) => name)).toEqual(
      readdirSync(folder).filter((name) => name.endsWith('.c')).map((name) => name.slice(0, -2)).sort())
    for (const [, name, synopsis, summary] of rows) {
      const source = readFileSync(new URL(`${name}.c`, folder), 'utf8').replaceAll(/\n \* ?/g, ' ')
      expect(source.replace(/^\/\* +/, '/* ').startsWith(`/* ${synopsis}: ${summary}`)).toBe(true)
      expect(Buffer.from(toolBytes('sh')).includes(`${summary}\0`)).toBe(true)
    }
  })
})
