import { describe, expect, test, vi } from 'vitest'
import { lsm } from '../test/test-io.ts'

test.each([
  { args: ['hoks'], says: 'Did you mean hooks?' },
  { args: ['explain', '--jsn'], says: 'Did you mean --json?' },
  { args: ['explain', '--lsm', 'capabilty'], says: 'did you mean `capability`?' },
  { args: ['hooks', 'file_opn'], says: 'did you mean `file_open`?' },
  { args: ['caps', 'text'], says: 'missing required argument' },
  { args: ['run'], says: 'missing required argument' },
  { args: ['run', '--uid', 'root', 'x.wasm'], says: 'it is a number' },
  { args: ['run', '--mount', '/tmp', 'x.wasm'], says: 'HOST:GUEST:ro' },
  { args: ['run', '--mount', '/tmp:/x:rx', 'x.wasm'], says: 'mounted `ro` or `rw`' },
  { args: ['run', '--mount', '/tmp:/x', '--dir', '/x', 'x.wasm'], says: '`/x` is open twice' },
  { args: ['run', '--time', 'long', 'x.wasm'], says: "it is milliseconds, or text like '10 s', or 'none'" },
  { args: ['bpf', 'run', '--loops', 'no', 'x.o', 'x.wasm'], says: 'it is `on` or `none`' },
  { args: ['run', '--env', 'HOME', 'x.wasm'], says: '--env NAME=VALUE' },
  { args: [], says: 'Usage: lsm' },
])('$args is wrong usage', async ({ args, says }) => {
  const { code, stdout, stderr } = await lsm(args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(says)
})

test.each([
  { args: ['caps', 'text', 'cap_nte_raw=ep'], says: 'did you mean `cap_net_raw`?' },
  { args: ['caps', 'decode', '00000000000000000'], says: 'is no mask' },
  { args: ['caps', 'exec'], says: 'the state is no JSON' },
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

describe('completion', () => {
  /** What the library prints, which goes past our own streams. */
  const printed = async (...args: string[]): Promise<{ code: number; text: string }> => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    try {
      const { code } = await lsm(args)
      return { code, text: log.mock.calls.map(([line]) => String(line)).join('\n') }
    } finally {
      log.mockRestore()
    }
  }

  test.each(['bash', 'zsh', 'fish', 'powershell'])('%s gets a script that asks lsm', async (shell) => {
    const { code, text } = await printed('completion', shell)
    expect(code).toBe(0)
    expect(text).toMatch(/lsm complete '?--/)
  })

  test('commands, their commands, and options are offered', async () => {
    expect((await printed('complete', '--', 'sel')).text).toMatch(/^selinux\t/)
    expect((await printed('complete', '--', 'selinux', 'tr')).text).toMatch(/^transition\t/)
    expect((await printed('complete', '--', 'run', '--str')).text).toMatch(/^--strace\t/)
  })

  test.each([[['completion']], [['completion', 'tcsh']]])('%j is wrong usage', async (args) => {
    expect((await lsm(args)).code).toBe(2)
  })
})
