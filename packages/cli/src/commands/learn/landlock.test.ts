/** Landlock: record under an empty ruleset that is not obeyed, learn, enforce. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { AT_FDCWD, EACCES, O_CREAT, O_RDONLY, O_WRONLY } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack, jsonLine, kernelText } from '@lsmkit/core'
import type { AuditRecord, Task } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { Kernel } from '@lsmkit/kernel'
import { landlock, ruleset } from '@lsmkit/landlock'
import type { RulesetOptions } from '@lsmkit/landlock'
import { learnRuleset, readBlocked } from '@lsmkit/landlock/learn'
import { afterAll, expect, test } from 'vitest'
import { lsm } from '../../../test/test-io.ts'

const cwd = mkdtempSync(join(tmpdir(), 'lsm-landlock-'))
afterAll(() => rmSync(cwd, { recursive: true }))

const machine = (permissive: readonly string[], options: RulesetOptions) => {
  const own = landlock()
  const stack = createStack({ lsms: [capability(), own], permissive })
  const kernel = bootKernel({ stack, landlock: own.engine })
  const { sys, init } = kernel
  for (const dir of ['/data', '/out', '/etc']) sys.mkdir(init, dir, 0o755)
  for (const file of ['/data/table', '/etc/passwd']) {
    sys.close(init, sys.openat(init, AT_FDCWD, file, O_CREAT | O_WRONLY, 0o644))
  }
  const task = kernel.machine.tasks.find(sys.fork(init))!
  ruleset(options).restrict(kernel, task)
  stack.audit.clear()
  return { kernel, task, stack }
}

/** What the program does. */
const work = ({ sys }: Kernel, task: Task): number[] => [
  sys.openat(task, AT_FDCWD, '/data/table', O_RDONLY, 0),
  sys.openat(task, AT_FDCWD, '/out/log', O_CREAT | O_WRONLY, 0o644),
  sys.mkdir(task, '/out/d', 0o755),
  sys.unlink(task, '/out/log'),
]

const recorded = (): readonly AuditRecord[] => {
  const { kernel, task, stack } = machine(['landlock'], { read: [] })
  expect(work(kernel, task).every((rc) => rc >= 0)).toBe(true)
  expect(stack.audit.records.map(({ kind }) => kind)).not.toContain('denial')
  return stack.audit.records
}

test('record → learn → enforce: exactly what was recorded', () => {
  const { options, impossible } = learnRuleset(readBlocked(recorded().map(jsonLine).join('\n')))
  expect({ options, impossible }).toEqual({ impossible: [], options: { paths: {
    // the log is made by the program: rights on it are rights of its directory
    '/data/table': ['read_file'], '/out': ['write_file', 'remove_file', 'make_dir', 'make_reg'],
  } } })
  const { kernel, task } = machine([], options)
  expect(work(kernel, task).every((rc) => rc >= 0)).toBe(true)
  const { sys } = kernel
  expect(sys.openat(task, AT_FDCWD, '/etc/passwd', O_RDONLY, 0)).toBe(-EACCES)
  expect(sys.openat(task, AT_FDCWD, '/data/table', O_WRONLY, 0)).toBe(-EACCES)
  expect(sys.mkdir(task, '/data/d', 0o755)).toBe(-EACCES)
})

test('what is renamed, removed, or made in a new directory is allowed again on the same machine', () => {
  const run = ({ sys }: Kernel, task: Task): number[] => [
    sys.openat(task, AT_FDCWD, '/data/table', O_RDONLY, 0),
    sys.rename(task, '/data/table', '/data/old'),
    sys.openat(task, AT_FDCWD, '/data/old', O_RDONLY, 0),
    sys.unlink(task, '/data/old'),
    sys.openat(task, AT_FDCWD, '/data/table', O_CREAT | O_WRONLY, 0o644),
    sys.mkdir(task, '/out/d', 0o755),
    sys.openat(task, AT_FDCWD, '/out/d/e', O_CREAT | O_WRONLY, 0o644),
    sys.unlink(task, '/out/d/e'),
    sys.rmdir(task, '/out/d'),
  ]
  const { kernel, task, stack } = machine(['landlock'], { read: [] })
  expect(run(kernel, task).filter((rc) => rc < 0)).toEqual([])
  const { options } = learnRuleset(readBlocked(stack.audit.records.map(jsonLine).join('\n')))
  expect(Object.keys(options.paths!)).toEqual(['/data', '/out'])
  const again = machine([], options)
  expect(run(again.kernel, again.task).filter((rc) => rc < 0)).toEqual([])
  // The files that the first run left are all that there is on the second one.
  expect(run(again.kernel, again.task).filter((rc) => rc < 0)).toEqual([])
  const { sys } = again.kernel
  expect(sys.openat(again.task, AT_FDCWD, '/etc/passwd', O_RDONLY, 0)).toBe(-EACCES)
  expect(sys.symlink(again.task, 'x', '/out/link')).toBe(-EACCES)
})

test('text and JSON teach the same', () => {
  const records = recorded()
  expect(learnRuleset(readBlocked(records.map(kernelText).join('\n'))))
    .toEqual(learnRuleset(readBlocked(records.map(jsonLine).join('\n'))))
})

test('lsm learn writes code, and its document has the options', async () => {
  writeFileSync(join(cwd, 'log.jsonl'), recorded().map((record) => `${jsonLine(record)}\n`).join(''))
  const { code, stdout } = await lsm(['learn', 'log.jsonl', '--for', 'landlock'], { cwd })
  expect(code).toBe(0)
  expect(stdout).toContain('export const learned = ruleset({\n  paths: {\n')
  expect(stdout).toMatch(/^ {4}'\/data\/table': \['read_file'\],$/m)
  const document = JSON.parse((await lsm(['learn', 'log.jsonl', '--json'], { cwd })).stdout)
  expect(document.modules.landlock.options.paths).toMatchObject({ '/data/table': ['read_file'] })
})

test('learned JSON: simulate and diff read it, run enforces it, and one step more is refused', async () => {
  const run = (...args: string[]) => lsm(args, { cwd })
  writeFileSync(join(cwd, 'log.jsonl'), recorded().map((record) => `${jsonLine(record)}\n`).join(''))
  const { code, stdout } = await run('learn', 'log.jsonl', '--ruleset')
  expect([code, JSON.parse(stdout)]).toEqual([0, { paths: {
    '/data/table': ['read_file'], '/out': ['write_file', 'remove_file', 'make_dir', 'make_reg'],
  } }])
  writeFileSync(join(cwd, 'ruleset.json'), stdout)
  writeFileSync(join(cwd, 'less.json'), JSON.stringify({ paths: { '/data/table': ['read_file'] } }))
  const changes = async (name: string): Promise<readonly { now: string }[]> => JSON.parse(
    (await run('policy', 'simulate', '--policy', name, '--audit', 'log.jsonl', '--json')).stdout).changes
  const allowed = await changes('ruleset.json')
  expect(allowed.map(({ now }) => now)).toEqual(allowed.map(() => 'granted'))
  expect((await changes('less.json')).length).toBeLessThan(allowed.length)
  expect(await run('policy', 'diff', 'ruleset.json', 'ruleset.json')).toMatchObject({ code: 0 })
  expect((await run('policy', 'diff', 'less.json', 'ruleset.json')).code).toBe(1)
  for (const name of ['data', 'out']) mkdirSync(join(cwd, name), { recursive: true })
  writeFileSync(join(cwd, 'data', 'table'), 'x\n')
  const sh = join(dirname(createRequire(import.meta.url).resolve('@lsmkit/wasi/package.json')), 'programs/sh.wasm')
  const shell = (line: string) => run('run', '--posix', '--quiet', '--mount', './data:/data:rw',
    '--mount', './out:/out:rw', '--landlock', 'ruleset.json', sh, '-c', line)
  expect(await shell('read line </data/table && echo $line >/out/log')).toMatchObject({ code: 0 })
  for (const step of ['echo x >/data/table', 'read line </etc/hosts', 'read line </out/log']) {
    expect((await shell(step)).code).not.toBe(0)
  }
  expect(await run('run', '--landlock', 'ruleset.json', '--read', '/', sh)).toMatchObject({ code: 2 })
})

test('ports, and what no rule can grant', () => {
  const line = (blockers: string, rest: string) =>
    `type=LSM_DENIED msg=audit(1.1:1): lsm=landlock hook=x pid=1 comm="a"${rest} error=EACCES ` +
    `blockers="${blockers}" layer=1`
  const { options, impossible } = learnRuleset(readBlocked([
    line('net.connect_tcp', ' daddr=10.0.0.1 dest=443'), line('net.bind_tcp', ' src=80'), line('ptrace', ' opid=7'),
    line('fs.change_topology', ' name="mnt"'), 'domain=1 blockers=fs.read_file path="/ignored"',
  ].join('\n')))
  expect(options).toEqual({ bind: [80], connect: [443] })
  expect(impossible.map(({ line: at }) => at)).toEqual([3, 4])
  const [kernels] = readBlocked('audit: type=1423 domain=1a blockers=fs.read_file path="/etc/f"')
  expect(kernels).toMatchObject({ path: '/etc/f' })
})
