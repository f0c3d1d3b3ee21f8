import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../test/test-io.ts'
import type { Io } from './io.ts'
import { createProgram } from './program.ts'

const hasBash = spawnSync('bash', ['--version']).status === 0

test.each([
  { args: ['hoks'], says: 'Did you mean hooks?' },
  { args: ['explain', '--jsn'], says: 'Did you mean --json?' },
  { args: ['explain', '--lsm', 'capabilty'], says: 'did you mean `capability`?' },
  { args: ['hooks', 'file_opn'], says: 'did you mean `file_open`?' },
  { args: ['caps', 'text'], says: 'missing required argument' },
  { args: ['run'], says: 'missing required argument' },
  { args: ['run', '--uid', 'root', 'x.wasm'], says: 'it is a number' },
  { args: ['run', '--mount', '/tmp', 'x.wasm'], says: 'HOST:GUEST:ro' },
  { args: ['run', '--mount', '/tmp:/x:rx', 'x.wasm'], says: 'a mount has no option `rx`' },
  { args: ['run', '--mount', '/tmp:/x', '--dir', '/x', 'x.wasm'], says: '`/x` is open twice' },
  { args: ['run', '--time', 'long', 'x.wasm'], says: "it is milliseconds, or text like '10 s', or 'none'" },
  { args: ['bpf', 'run', '--loops', 'no', 'x.o', 'x.wasm'], says: 'it is `on` or `none`' },
  { args: ['run', '--env', 'HOME', 'x.wasm'], says: '--env NAME=VALUE' },
  { args: ['run', '--caps', 'cap_nte_raw=p', 'x.wasm'], says: 'did you mean `cap_net_raw`?' },
  { args: ['caps', 'text', 'cap_nte_raw=ep'], says: 'did you mean `cap_net_raw`?' },
  { args: ['caps', 'decode', '00000000000000000'], says: 'is not a mask' },
  { args: [], says: 'Usage: lsm' },
])('$args is wrong usage', async ({ args, says }) => {
  const { code, stdout, stderr } = await lsm(args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(says)
})

test.each([
  { args: ['caps', 'exec'], says: 'stdin is no JSON' },
  { args: ['caps', 'exec', 'not-there.json'], says: 'ENOENT' },
])('$args is bad input', async ({ args, says }) => {
  const { code, stderr } = await lsm(args)
  expect(code).toBe(3)
  expect(stderr).toContain(says)
})

test.each(['run', 'explain', 'order', 'hooks'])('%s --help has examples', async (command) => {
  const { code, stdout } = await lsm([command, '--help'])
  expect(code).toBe(0)
  expect(stdout).toContain(`$ lsm ${command}`)
})

test('--version', async () => {
  expect(await lsm(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})

describe('help', () => {
  /** All commands, by their words. */
  const all = (command: Command, words: readonly string[] = []): string[][] =>
    [[...words], ...command.commands.flatMap((one) => all(one, [...words, one.name()]))]
  const io = { colors: {}, cwd: '.' } as unknown as Io
  const commands = all(createProgram(io, () => {})).filter(([first]) => first !== 'complete')

  test.each(commands.map((words) => ({ words })))('lsm $words --help fits into 80 columns', async ({ words }) => {
    const { code, stdout } = await lsm([...words, '--help'])
    expect(code).toBe(0)
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  test('a list of commands has names alone, and a broken paragraph goes on', async () => {
    const { stdout } = await lsm(['--help'])
    expect(stdout).toMatch(/^ {2}run {2,}Runs a WASI program/m)
    expect(stdout).toMatch(/used\. lsm run ends/)
  })

  test('an example that is broken is still one command', async () => {
    const { stdout } = await lsm(['scenario', '--help'])
    const joined = stdout.replace(/ \\\n +/g, ' ')
    const files = '--reporter junit=out.xml --reporter sarif=out.sarif'
    expect(joined).toContain(`$ lsm scenario --reporter pretty ${files} scenarios/*.yaml`)
  })
})

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish', 'powershell'])('%s gets a script that asks lsm', async (shell) => {
    const { code, stdout } = await lsm(['completion', shell])
    expect(code).toBe(0)
    expect(stdout).toMatch(shell === 'bash' ? /^complete -o default -F _lsm lsm$/m : /lsm complete '?--/)
  })

  describe.skipIf(!hasBash)('bash without bash-completion', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lsm-bash-'))
    afterAll(() => rmSync(folder, { recursive: true }))

    /** Sources the script twice, completes `words` and prints what bash would offer, then the names it has gained. */
    const bash = (script: string, words: readonly string[]): { offered: string[]; gained: string[] } => {
      writeFileSync(join(folder, 'completion'), script)
      const answers = 'lsm() { printf "%s\\n" "$@" >"$ASKED"; printf "smack\\tthe label\\n:4\\n"; }'
      const program = `${answers}
before=$(compgen -v; compgen -A function); source ./completion; source ./completion
after=$(compgen -v; compgen -A function)
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _lsm lsm
echo "offered \${COMPREPLY[*]}"; diff <(echo "$before" | sort) <(echo "$after" | sort) | sed -n 's/^> /gained /p'`
      const ran = spawnSync('bash', ['--norc', '--noprofile', '-eu', '-c', program], {
        cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH, ASKED: join(folder, 'asked') },
      })
      expect(ran.stderr).toBe('')
      const all = (what: string): string[] =>
        ran.stdout.split('\n').flatMap((line) => (line.startsWith(`${what} `) ? [line.slice(what.length + 1)] : []))
      return { offered: all('offered'), gained: all('gained') }
    }

    test.each([
      { words: ['lsm', 'run', '--lsm', 'sm'], asked: ['run', '--lsm', 'sm'] },
      { words: ['lsm', 'run', '--lsm', '=', 'sm'], asked: ['run', '--lsm=sm'] },
      { words: ['lsm', 'run', '--mount', '/a', ':', '/b', ':', ''], asked: ['run', '--mount', '/a:/b:'] },
      { words: ['lsm', 'scenario', '$(touch pwned)', ''], asked: ['scenario', '$(touch pwned)', ''] },
      { words: ['lsm', ''], asked: [''] },
    ])('$words asks for $asked', async ({ words, asked }) => {
      const { offered, gained } = bash((await lsm(['completion', 'bash'])).stdout, words)
      expect(offered).toEqual(['smack'])
      expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe(['complete', '--', ...asked, ''].join('\n'))
      expect(existsSync(join(folder, 'pwned'))).toBe(false)
      expect(gained.filter((name) => !['before', '_', 'BASH_LINENO', 'PIPESTATUS'].includes(name))).toEqual(['_lsm'])
    })
  })

  test.each([
    { word: 'selnx', offers: 'selinux\n:4\n' },
    { word: 'scenrio', offers: 'scenario\n:4\n' },
    { word: 'qqqqqqqq', offers: ':4\n' },
  ])('`lsm $word` is corrected, and no file is offered', async ({ word, offers }) => {
    expect((await lsm(['complete', '--', word])).stdout).toBe(offers)
  })

  const offered = async (...words: string[]) => (await lsm(['complete', '--', ...words])).stdout

  test('commands, their commands, and options are offered', async () => {
    expect(await offered('sel')).toMatch(/^selinux\t/)
    expect(await offered('selinux', 'tr')).toMatch(/^transition\t/)
    expect(await offered('run', '--str')).toMatch(/^--strace\t/)
  })

  test('values of options too', async () => {
    expect(await offered('scenario', '--reporter', 'j')).toBe('json\t\njunit\t\n:4\n')
    expect(await offered('run', '--lsm', 'sm')).toBe('smack\t\n:4\n')
    expect(await offered('selinux', 'compile', '--dialect', '')).toBe('3.8\t\n3.10\t\n:4\n')
  })

  test('where a file is wanted, the shell offers its own', async () => {
    expect(await offered('scenario', 'exam')).toBe(':0\n')
    expect(await offered('run', '--audit', '')).toBe(':0\n')
  })

  test.each([[['completion']], [['completion', 'tcsh']]])('%j is wrong usage', async (args) => {
    expect((await lsm(args)).code).toBe(2)
  })
})
