import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-smack-'))
afterAll(() => rmSync(cwd, { recursive: true }))
writeFileSync(join(cwd, 'rules'), `# of the browser
Browser Downloads rwxa
Browser Secrets -
Editor Downloads rwl
Editor Downloads a l
`)
writeFileSync(join(cwd, 'bad'), 'A B rq\nA B w\nA /C r\n')
writeFileSync(join(cwd, 'odd'), 'A B/x r\n')
const run = (...args: string[]) => lsm(['smack', ...args], { cwd })
const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout)

describe('check', () => {
  test('tells where and what to do, and ends with 3 when a line is not a rule', async () => {
    expect(await run('check', 'bad', 'rules')).toEqual({
      code: 3,
      stdout: `bad:1:6: warning: \`q\` is not a mode, and what follows is ignored \
(modes are rwxatlb, and \`-\` for none) [mode-unknown]
bad:2:1: warning: the rule replaces that of line 1 \
(modes of two lines do not add up: write one line, or four fields to change it) [rule-replaced]
bad:3:3: error: no label starts like \`/C\` (printable ASCII, but none of \`"\` \`'\` \`/\` \`\\\`) [label-start]
6 rules, 1 error, 2 warnings
`,
      stderr: '',
    })
  })
  test('ends with 1 for warnings alone, with 0 when there is nothing to say', async () => {
    expect((await run('check', 'odd')).code).toBe(1)
    expect(await run('check', 'rules')).toMatchObject({ code: 0, stdout: '4 rules, 0 errors, 0 warnings\n' })
  })
  test('of a folder takes all files, of stdin the text', async () => {
    expect(await json('check', '.')).toMatchObject({
      schema: 1, errors: 1, files: [{ file: 'bad' }, { file: 'odd' }, { file: 'rules', rules: 4 }],
    })
    const { code, stdout } = await lsm(['smack', 'check', '-'], { stdin: 'A\n' })
    expect({ code, first: stdout.split('\n')[0] }).toEqual({
      code: 3,
      first: 'stdin:1:2: error: a rule has three fields, this line has 1 (`subject object modes`; `-` for no modes) '
        + '[too-few-fields]',
    })
  })
})

describe('access', () => {
  test.each([
    { args: ['Browser', 'Downloads', 'rx'], code: 0, verdict: 'allow' },
    { args: ['Browser', 'Secrets', 'r'], code: 1, verdict: 'deny' },
    { args: ['Editor', 'Downloads', 'a'], code: 0, verdict: 'allow' },
    { args: ['Nobody', '_', 'RX'], code: 0, verdict: 'allow' },
    { args: ['Nobody', 'Secrets', '-'], code: 1, verdict: 'deny' },
    { args: ['--override', 'Nobody', 'Secrets', 'r'], code: 0, verdict: 'allow' },
    { args: ['--override', '--onlycap', 'A,B', 'Nobody', 'Secrets', 'r'], code: 1, verdict: 'deny' },
    { args: ['--unconfined', 'Nobody', 'Nobody', 'Secrets', 'r'], code: 0, verdict: 'unconfined-subject' },
    { args: ['--self-rules', 'odd', 'A', 'B', 'r'], code: 1, verdict: 'deny' },
  ])('$args', async ({ args, code, verdict }) => {
    expect(await run('access', '--rules', 'rules', ...args)).toEqual({ code, stdout: `${verdict}\n`, stderr: '' })
  })
  test('a rule of its own takes away what a task had', async () => {
    const { code } = await lsm(['smack', 'access', '--self-rules', '-', 'A', 'A', 'w'], { stdin: 'A A r' })
    expect(code).toBe(1)
  })
})

describe('explain', () => {
  test('points at the lines that made the rule', async () => {
    expect(await run('explain', '--rules', 'rules', 'Editor', 'Downloads', 'rx')).toEqual({
      code: 1,
      stdout: `Editor Downloads rx: deny
  because the rule \`Editor Downloads rwa\` lacks x (rule)
  rules:4: Editor Downloads rwl
  rules:5: Editor Downloads a l
  to allow it, add: Editor Downloads x -
`,
      stderr: '',
    })
  })
  test('names the built-in step', async () => {
    expect(await json('explain', '^', 'Secret', 'r')).toMatchObject({
      allowed: true, ground: 'hat-subject', rule: null, places: [], known: false,
    })
  })
  test('says what to add, and that a label is new', async () => {
    const { stdout } = await run('explain', 'New', 'Newer', 'w')
    expect(stdout).toContain('there is no rule from `New` to `Newer` (no-rule)\n  to allow it, add: New Newer w\n')
    expect(stdout).toContain('access2')
  })
})

test('export gives what load2 takes, changes worked in', async () => {
  expect((await run('export', 'rules')).stdout).toBe('Browser Downloads rwxa\nEditor Downloads rwa\n')
  expect(await json('export', 'rules')).toMatchObject({ rules: 2, writes: [expect.stringContaining('Editor')] })
})

test.each([
  { args: ['chek', 'rules'], code: 2, says: 'Did you mean check?' },
  { args: ['access', 'A', 'B'], code: 2, says: 'missing required argument' },
  { args: ['access', 'A', 'B', 'rz'], code: 2, says: '`z` is not a mode' },
  { args: ['access', 'A/b', 'B', 'r'], code: 2, says: '`A/b` is not a label' },
  { args: ['access', '--unconfined', 'a b', 'A', 'B', 'r'], code: 2, says: 'is not a label' },
  { args: ['check'], code: 2, says: 'missing required argument' },
  { args: ['check', 'not-there'], code: 3, says: '`not-there` cannot be read: ENOENT' },
  { args: ['export', 'bad'], code: 3, says: 'bad: line 3: no label starts like' },
])('$args ends with $code', async ({ args, code, says }) => {
  expect(await run(...args)).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(says) })
})

test.each(['check', 'access', 'explain', 'export'])('%s --help has examples', async (command) => {
  expect(await run(command, '--help')).toMatchObject({
    code: 0, stdout: expect.stringContaining(`lsm smack ${command}`),
  })
})

test('check --reporter sarif tells the line, and that an idle rule can be deleted', async () => {
  const { code, stdout } = await lsm(['smack', 'check', '-', '--reporter', 'sarif'], { stdin: 'A B r\n* B r\n' })
  expect(code).toBe(1)
  expect(JSON.parse(stdout).runs[0].results).toMatchObject([{
    ruleId: 'smack/rule-idle', level: 'warning',
    locations: [{ physicalLocation: { artifactLocation: { uri: 'stdin' }, region: { startLine: 2, startColumn: 1 } } }],
    fixes: [{ artifactChanges: [{ replacements: [{ deletedRegion: { startLine: 2, endLine: 3 } }] }] }],
  }])
})
