/**
 * Every printer, given names of strangers: terminals, logs, GitHub's runner, Markdown, XML, prompts. What prints and
 * has no line here is found by the lint rule `lsmkit/printers`, whose table is checked below.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EACCES, O_RDONLY } from '../../packages/abi/src/index.ts'
import { ApparmorError } from '../../packages/apparmor/src/index.ts'
import { ProfileError } from '../../packages/apparmor/src/profile/errors.ts'
import { Place, SourceText } from '../../packages/apparmor/src/profile/place.ts'
import { assemble } from '../../packages/bpf/src/insn/index.ts'
import { BpfError, BpfLoadError } from '../../packages/bpf/src/index.ts'
import { capability } from '../../packages/capability/src/index.ts'
import { CommandError } from '../../packages/cli/src/command-error.ts'
import { SubjectError } from '../../packages/cli/src/index.ts'
import { createProgram } from '../../packages/cli/src/program.ts'
import { safeOutput } from '../../packages/cli/src/safe-output.ts'
import { lsm } from '../../packages/cli/test/test-io.ts'
import { createStack, defineLsm, kernelText, LsmkitError } from '../../packages/core/src/index.ts'
import type { AuditRecord, HookGroup } from '../../packages/core/src/index.ts'
import { FileError, TaskFiles } from '../../packages/kernel/src/files/index.ts'
import { bootKernel, BootError, strace } from '../../packages/kernel/src/index.ts'
import { openTools, ToolGuard } from '../../packages/mcp/src/index.ts'
import { SystemError } from '../../packages/node/src/fs/system-error.ts'
import { logOf } from '../../packages/otel/src/index.ts'
import { reporterNames, reporters } from '../../packages/report/src/index.ts'
import { createSandbox, memory } from '../../packages/sandbox/src/index.ts'
import { compileCil } from '../../packages/selinux/src/cil/index.ts'
import { CilError } from '../../packages/selinux/src/cil/errors.ts'
import { PolicyError } from '../../packages/selinux/src/policydb/index.ts'
import { QueryError } from '../../packages/selinux/src/query/index.ts'
import { FileContextsError } from '../../packages/selinux/src/server/index.ts'
import { SourceError } from '../../packages/selinux/src/source/index.ts'
import { reportLines } from '../../packages/testkit/src/scenario/index.ts'
import { ProgramError } from '../../packages/wasi/src/index.ts'
import {
  hostileFile, hostileName, hostileParts, markdownFault, promptFault, runnerFault, terminalFault,
} from './hostile.ts'
import { errorFault, printFault } from './rule.ts'
import { errorBases, ownWords, sinks } from './table.ts'

const root = join(import.meta.dirname, '../..')
const cwd = mkdtempSync(join(tmpdir(), 'lsmkit-printers-'))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))
const put = (name: string, text: string): string => {
  writeFileSync(join(cwd, name), text)
  return name
}

describe('the checks see what acts', () => {
  const caught = Object.entries(hostileParts).filter(([name]) => !/^(pipe|long|backtick|link|mention|details|model tag)$/.test(name))
  test.each(caught)('%s', (_, part) => expect(runnerFault(`${part}`)).not.toBeNull())
  test.each(['mention', 'details', 'model tag', 'link'] as const)('%s, in Markdown', (name) =>
    expect(markdownFault(hostileParts[name])).not.toBeNull())
  test.each(['details', 'model tag'] as const)('%s, in a prompt', (name) =>
    expect(promptFault(hostileParts[name])).not.toBeNull())
})

describe('errors', () => {
  const place = { file: hostileName, line: 1, column: 1, excerpt: hostileName.replaceAll('\n', ' ') }
  const makers: Readonly<Record<string, (text: string) => Error>> = {
    'packages/apparmor/src/errors.ts': (text) => new ApparmorError('malformed' as never, text, { hint: text }),
    'packages/apparmor/src/profile/errors.ts': (text) => {
      const at = new Place(SourceText.of(text, new TextEncoder().encode(text)), 0)
      return new ProfileError('unexpected', text, at, { hint: text, related: [{ message: text, place: at }] })
    },
    'packages/bpf/src/error.ts': (text) => new BpfError('elf' as never, text, text, text),
    'packages/bpf/src/insn/asm.ts': (text) => thrownBy(() => assemble(text.replaceAll('\n', ' '))),
    'packages/bpf/src/lsm/load-error.ts': (text) => new BpfLoadError('refused' as never, text, -EACCES, text),
    'packages/cli/src/command-error.ts': (text) => new CommandError('usage', text, text),
    'packages/cli/src/run/subject.ts': (text) => new SubjectError(text, -EACCES),
    'packages/core/src/errors.ts': (text) => new LsmkitError('x', text, { place: text, hint: text }),
    'packages/kernel/src/files/file-error.ts': (text) => new FileError(-EACCES, text, text, text),
    'packages/kernel/src/state/boot-error.ts': (text) => new BootError(-EACCES, text),
    'packages/node/src/fs/system-error.ts': (text) => new SystemError('ERR_FS_EISDIR', text, {
      message: text, path: text, syscall: text, errno: 21, code: text,
    }),
    'packages/selinux/src/cil/errors.ts': (text) => new CilError('syntax' as never, text, place, { hint: text }),
    'packages/selinux/src/policydb/errors.ts': (text) => new PolicyError('truncated' as never, text, 1, text),
    'packages/selinux/src/query/errors.ts': (text) => new QueryError('unknown-name', text, text),
    'packages/selinux/src/source/errors.ts': (text) =>
      new SourceError('unresolved', text, place, { hint: text, chain: [{ message: text, place }] }),
    'packages/selinux/src/server/file-contexts/errors.ts': (text) =>
      new FileContextsError('bad-line' as never, text, text, 1, text),
    'packages/wasi/src/errors.ts': (text) => new ProgramError('no-wasm' as never, text, text),
  }
  const thrownBy = (act: () => unknown): Error => {
    try {
      act()
    } catch (error) {
      return error as Error
    }
    throw new Error('nothing was thrown')
  }

  test('each base has a line', () => expect(Object.keys(makers).sort()).toEqual([...errorBases].sort()))

  test.each(Object.entries(makers))('%s', (_, make) => {
    const error = make(hostileName)
    expect(terminalFault(error.message)).toBeNull()
    expect(error.message.split('\n')).toHaveLength(1)
    expect(terminalFault(String(error))).toBeNull()
    const { hint, place: at } = error as { hint?: unknown; place?: unknown }
    for (const text of [hint, at]) if (typeof text === 'string') expect(terminalFault(text)).toBeNull()
  })

  test('an error of a policy with several lines', () => {
    const source = `(type "${hostileName.replaceAll('\n', ' ')}")\n(allow a b (file (read)))`
    expect(terminalFault(String(thrownBy(() => compileCil([{ name: hostileName, text: source } as never]))))).toBeNull()
  })
})

describe('reports', () => {
  const finding = {
    rule: hostileName, level: 'error' as const, message: hostileName, fix: hostileName, file: hostileName, line: 1,
    replacement: { line: 1, column: 1, endLine: 1, endColumn: 2, text: hostileName },
  }
  const report = {
    tool: { name: 'lsm', version: '1' }, command: 'x', rules: { [hostileName]: hostileName },
    checks: [
      { name: hostileName, file: hostileName, findings: [finding] },
      { name: hostileName, findings: [], skipped: hostileName },
    ],
  }
  test.each(reporterNames)('%s', (name) => {
    const text = reporters[name](report)
    expect(name === 'github' ? runnerFault(text) : terminalFault(text)).toBeNull()
    if (name === 'json') expect(JSON.parse(text)).toMatchObject({ checks: [{ name: hostileName }, {}] })
    if (name === 'sarif') expect(JSON.parse(text).runs[0].results[0].ruleId).toBe(hostileName)
    if (name === 'junit') expect(text).not.toMatch(/<script|<system|<\/details/)
  })
})

/** A kernel whose module refuses to open what has a hostile name. */
const world = (hooks: HookGroup = {}) => {
  const lsms = [capability(), defineLsm({ name: 'own', abi: '1.0', id: 1000, hooks })]
  const stack = createStack({ lsms, cmdline: `lsm=own,${hostileName.replaceAll(' ', '')}` })
  return { stack, kernel: bootKernel({ stack }) }
}
const refusing: HookGroup = {
  file_open: (file) => (file.f_path.dentry.d_name.name.includes('add-mask') ? -EACCES : 0),
}

describe('the kernel', () => {
  test('audit lines, strace and telemetry', () => {
    const { stack, kernel } = world(refusing)
    const files = new TaskFiles(kernel, kernel.init)
    kernel.init.comm = hostileName.slice(0, 15)
    expect(() => files.writeFile(`/${hostileFile}`, new Uint8Array(1))).toThrow('EACCES')
    const records = [...stack.audit.records] as AuditRecord[]
    expect(records.length).toBeGreaterThan(0)
    const odd = records.flatMap((record) => (record.kind === 'text' ? [] : [{
      ...record, subject: { ...record.subject, label: hostileName },
      details: { path: hostileName }, reason: hostileName,
      object: { kind: 'net', netif: hostileName, family: 2, path: null, laddr: '', faddr: '', saddr: '', daddr: '' },
    } as unknown as AuditRecord]))
    for (const record of [...records, ...odd]) {
      expect(terminalFault(kernelText(record))).toBeNull()
      expect(kernelText(record).split('\n')).toHaveLength(1)
      expect(terminalFault(String((logOf(record) as { body: unknown }).body))).toBeNull()
    }
    const call = { kind: 'call', by: 'mount', call: 'chmod', rc: -EACCES, path: hostileName, time: 0 } as const
    expect(terminalFault(String((logOf(call as never) as { body: unknown }).body))).toBeNull()
  })

  test('strace', () => {
    const { stack, kernel } = world(refusing)
    const lines: string[] = []
    const watched = strace.watchCalls(kernel, stack, { leave: (call) => void lines.push(strace.callText(call)) })
    watched.sys.openat(kernel.init, -100, `/${hostileFile}`, O_RDONLY, 0)
    expect(lines).toHaveLength(1)
    expect(terminalFault(lines[0]!)).toBeNull()
  })

  test('explain', () => expect(terminalFault(String(world().stack.explain()))).toBeNull())
})

describe('a box and its tools', () => {
  const names = [hostileFile, 'plain']
  test('sentences, receipts, lists, failures', async () => {
    const box = await createSandbox({
      inline: true, allow: { read: ['/data', `/${hostileFile.replace(/[*?[\]{}]/g, '')}`] }, mounts: { '/data': memory() },
    })
    for (const name of names) {
      await box.fs.writeFile(`/data/${name}`, 'x')
      await box.fs.writeFile(`/secret-${name}`, 'x')
    }
    const guard = new ToolGuard(box, 'sha256:0', '/data')
    const read = guard.tool({ name: 'read', paths: { path: 'read' } }, () => ({ content: [] }))
    const fail = guard.tool({ name: 'fail' }, () => { throw new Error(hostileName) })
    const results = [await read({ path: `/secret-${hostileFile}` }), await read({ path: hostileName }), await fail({})]
    for (const result of results) {
      const texts = result.content.map((one) => ('text' in one ? one.text : ''))
      expect(texts.length).toBeGreaterThan(0)
      for (const text of texts) expect(promptFault(text)).toBeNull()
      const { decisions } = result._meta!['io.github.lsmkit/receipt'] as { decisions: { sentence?: string }[] }
      for (const { sentence } of decisions) expect(terminalFault(sentence ?? '')).toBeNull()
    }
    expect(terminalFault(String(await box.explain()))).toBeNull()
    await box.close()
  })

  test('the server\'s own tools on a folder', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lsmkit-names-'))
    for (const name of names) writeFileSync(join(folder, name), '')
    const allow = { read: ['/project'], write: ['/project'], exec: ['/bin'] }
    const tools = await openTools({ folder, config: { allow } })
    const calls = [
      await tools.host.call('list', { path: '.' }),
      await tools.host.call('write_file', { path: hostileFile, content: '' }),
      await tools.host.call('read_file', { path: `${hostileFile}x` }),
    ]
    await tools.close()
    rmSync(folder, { recursive: true })
    const texts = calls.map(({ content }) => content.map((one) => ('text' in one ? one.text : '')).join('\n'))
    expect(texts[0]!.split('\n')).toHaveLength(names.length)
    for (const text of texts) expect(promptFault(text)).toBeNull()
  })
})

type Command = ReturnType<typeof createProgram>

describe('lsm', () => {
  const leaves = (command: Command, path: readonly string[] = []): { path: readonly string[]; command: Command }[] =>
    command.commands.length === 0
      ? [{ path, command }]
      : command.commands.flatMap((one) => leaves(one, [...path, one.name()]))
  const io = { print() {}, note() {}, stdout() {}, stderr() {}, colors: { isColorSupported: false } } as never
  const commands = leaves(createProgram(io, () => {}))
    // what a shell prints is a program's own output
    .filter(({ path }) => path[0] !== 'help' && path[0] !== 'shell')
  const check = ({ stdout, stderr }: { stdout: string; stderr: string }): void => {
    expect(terminalFault(stdout)).toBeNull()
    expect(terminalFault(stderr)).toBeNull()
  }

  test('has its commands', () => expect(commands.length).toBeGreaterThan(30))

  test.each(commands.map(({ path, command }) => ({ name: path.join(' '), path, command })))(
    '$name', async ({ path, command }) => {
      const options = command.options.filter((one) => one.required && !one.flags.startsWith('-h'))
      const typed = options.flatMap((one) => [one.long!, hostileName])
      const args = command.registeredArguments.map(() => hostileName)
      const file = put('hostile-input', `${hostileName}\n`)
      const files = command.registeredArguments.map(() => file)
      const many: string[][] = [
        [...path, ...args], [...path, ...args, '--json'], [...path, ...typed, ...args], [...path, `--${hostileName}`],
        [...path, ...files], ...options.map((one) => [...path, one.long!, hostileName, ...files]),
      ]
      for (const line of many) check(await lsm(line, { cwd }))
    })

  const policy = `(mls false) (class file (read write)) (classorder (file))
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(type web_t) (type home_t) (role r) (roletype r web_t) (user u) (userrole u r) (userlevel u (s0))
(userrange u ((s0) (s0))) (sid kernel) (sidorder (kernel)) (sidcontext kernel (u r web_t ((s0) (s0))))
(allow web_t home_t (file (read)))
`
  const odd = (suffix: string): string => `${hostileFile}${suffix}`
  beforeAll(() => {
    put(odd('.cil'), policy)
    put(odd('2.cil'), `${policy}(allow web_t home_t (file (write)))`)
    put(odd('3.cil'), `${policy}(allow "@admin" </details> (file (write)))`)
    put(odd('rules'), 'Web `@admin` r\n</details> Log r\n')
    put(odd('more'), 'Web `@admin` rw\n</details> ::add-mask:: r\n')
    put(odd('caps'), `/usr/bin/${hostileParts.mention} cap_net_raw=ep\n`)
    const quoted = JSON.stringify(hostileName)
    put(odd('.yaml'), `title: ${quoted}\nlsm: smack\nsteps:\n  - as: root\n    open: ${quoted}\n    expect: ok\n`)
    const hexOf = (text: string): string => Buffer.from(text).toString('hex')
    put('hostile.log', [
      `type=AVC msg=audit(1.1:1): avc:  denied  { read } for  pid=1 comm=${hexOf(hostileParts.newline)} ` +
      `name=${hexOf(hostileName.slice(0, 200))} dev="x" ino=1 scontext=u:r:web_t tcontext=u:r:home_t ` +
      'tclass=file permissive=0',
      JSON.stringify({
        kind: 'denial', lsm: 'smack', hook: 'file_open', rc: -13,
        details: { subject: hostileName, object: '@admin', requested: 'r' },
      }),
    ].join('\n'))
  })

  test.each<[string, () => string[]]>([
    ['selinux compile', () => ['selinux', 'compile', odd('.cil')]],
    ['selinux compile of mistakes', () => ['selinux', 'compile', odd('3.cil')]],
    ['selinux diff', () => ['selinux', 'diff', odd('.cil'), odd('2.cil')]],
    ['smack check', () => ['smack', 'check', odd('rules')]],
    ['smack access', () => ['smack', 'access', '--rules', odd('rules'), 'Web', hostileName, 'r']],
    ['policy diff', () => ['policy', 'diff', odd('rules'), odd('more')]],
    ['policy diff --json', () => ['policy', 'diff', odd('rules'), odd('more'), '--format', 'json']],
    ['scenario', () => ['scenario', odd('.yaml')]],
    ['scenario --json', () => ['scenario', odd('.yaml'), '--json']],
    ['learn', () => ['learn', 'hostile.log']],
    ['learn --for smack', () => ['learn', 'hostile.log', '--for', 'smack']],
    ['policy simulate', () => ['policy', 'simulate', '--policy', odd('.cil'), '--audit', 'hostile.log']],
    ['order', () => ['order', '--debug', `lsm=${hostileName}`]],
    ['explain', () => ['explain', '--cmdline', `lsm=capability,${hostileName}`]],
  ])('%s of hostile files', async (_, args) => check(await lsm(args(), { cwd })))

  test.each<[string, () => string[]]>([
    ['selinux', () => [odd('.cil'), odd('2.cil')]], ['smack', () => [odd('rules'), odd('more')]],
    ['capabilities', () => [odd('caps'), odd('rules')]],
  ])('policy diff as Markdown, of %s', async (_, files) => {
    const { stdout } = await lsm(['policy', 'diff', ...files(), '--format', 'markdown'], { cwd })
    expect(markdownFault(stdout)).toBeNull()
  })

  test.each(['github', 'pretty', 'junit', 'sarif', 'json'])('--reporter %s', async (name) => {
    const { stdout } = await lsm(['smack', 'check', odd('rules'), odd('more'), '--reporter', name], { cwd })
    expect(name === 'github' ? runnerFault(stdout) : terminalFault(stdout)).toBeNull()
  })

  test('lines are one line, with our colours alone', () => {
    const lines: string[] = []
    const out = safeOutput({
      print: (line: string) => void lines.push(line), note: (line: string) => void lines.push(line),
      colors: { isColorSupported: true } as never,
    })
    out.print(`\u001b[31mred\u001b[39m ${hostileParts.newline} \u001b[8mhidden ${hostileParts.escape}`)
    expect(lines).toEqual([
      '\u001b[31mred\u001b[39m a\\n::add-mask::secret\\nb \\x1b[8mhidden \\x1b[2J\\x1b]0;title\\x07',
    ])
  })
})

test('results of scenarios', () => {
  const step = {
    as: hostileName, call: hostileName, rc: -1, result: 'EACCES', by: 'x', hook: 'y', waived: [], data: null,
  }
  const differences = [{ step: 0, field: hostileName, expected: hostileName, got: hostileName, place: hostileName }]
  const lines = reportLines({ title: hostileName, steps: [step], differences } as never)
  expect(lines.map(terminalFault).filter((fault) => fault !== null && !fault.includes('made a line'))).toEqual([])
  for (const line of lines) expect(line).not.toMatch(/\n/)
})

test('the action on a repository with hostile names', () => {
  const repo = mkdtempSync(join(tmpdir(), 'lsmkit-action-names-'))
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.org']
  const git = (...args: string[]) => spawnSync('git', [...who, ...args], { cwd: repo })
  const gone = hostileFile.replaceAll('\n', ' ').trim()
  git('init', '--quiet')
  writeFileSync(join(repo, 'rules'), 'Web Log r\n')
  git('add', '.')
  git('commit', '--quiet', '-m', 'base')
  writeFileSync(join(repo, gone), 'Web </details> rw\n')
  const program = [process.execPath, '--conditions=lsmkit:source', '--disable-warning=ExperimentalWarning',
    join(root, 'packages/cli/src/lsm.ts')]
  const { stdout, stderr } = spawnSync(process.execPath, [join(root, 'ci/check.mjs')], {
    cwd: repo, encoding: 'utf8', env: {
      PATH: process.env['PATH'], LSM_COMMAND: JSON.stringify(program), LSM_REPORTS: 'out', GITHUB_ACTIONS: 'true',
      LSM_SMACK: gone, LSM_BPF: `::add-mask::${gone}`, LSM_BASE: 'HEAD',
    },
  })
  expect(runnerFault(stdout)).toBeNull()
  expect(runnerFault(stderr)).toBeNull()
  const diff = readFileSync(join(repo, 'out/diff.md'), 'utf8')
  expect(diff).toContain('It is new.')
  expect(markdownFault(diff)).toBeNull()
  rmSync(repo, { recursive: true, force: true })
})

describe('who may print', () => {
  test.each([...sinks.keys(), ...errorBases, ...ownWords.keys()])('%s is there', (file) =>
    expect(readFileSync(join(root, file), 'utf8').length).toBeGreaterThan(0))

  test.each([...errorBases])('%s makes messages safe', (file) => {
    const text = readFileSync(join(root, file), 'utf8')
    expect(text).toMatch(/super\((`line \$\{line\}: \$\{)?(oneLine\(|withHint\(|sentence`)/)
  })

  test.each<[string, string, string | null]>([
    ['packages/mcp/src/new.ts', 'stdout', 'who prints makes names safe'],
    ['packages/mcp/src/lsmkit-mcp.ts', 'stderr', null], ['packages/mcp/src/new.test.ts', 'stdout', null],
    ['apps/console/src/page/new.ts', 'innerHTML', 'takes names of strangers for HTML'],
  ])('%s with %s', (file, property, fault) => {
    const found = printFault(file, 'process', property)
    if (fault === null) expect(found).toBeNull()
    else expect(found).toContain(fault)
  })

  test('an error of its own', () => {
    expect(errorFault('packages/mcp/src/new.ts', 'Error')).toContain('extend LsmkitError')
    expect(errorFault('packages/core/src/errors.ts', 'Error')).toBeNull()
    expect(errorFault('packages/mcp/src/new.ts', 'LsmkitError')).toBeNull()
  })
})
