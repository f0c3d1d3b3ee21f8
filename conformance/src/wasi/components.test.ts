/** A component is denied as the core module that it was made of, and leaves the same record. */
import { AT_FDCWD, EACCES, O_WRONLY } from '@lsmkit/abi'
import { capability } from '@lsmkit/capability'
import { createStack } from '@lsmkit/core'
import type { AuditRecord, Lsm, Stack, Task } from '@lsmkit/core'
import { bootKernel } from '@lsmkit/kernel'
import type { BootOptions, Kernel } from '@lsmkit/kernel'
import { landlock, ruleset } from '@lsmkit/landlock'
import { smack } from '@lsmkit/smack'
import { runWasi } from '@lsmkit/wasi'
import { expect, test } from 'vitest'
import { componentOf } from '../../../packages/wasi/test/components.ts'
import { childOf, makeDir, must, writeFile } from '../../../packages/wasi/src/testing/boot.ts'
import { call, i32, i64, op, testModule } from '../../../packages/wasi/src/testing/module.ts'

const PREVIEW1 = 'wasi_snapshot_preview1'
const [FD_READ, FD_WRITE] = [2, 64]
const TRUNC = 8

type Code = readonly number[]

/** One call about `path`, whose errno is the status: 1 is all that a component can say. */
const asking = (path: string, name: string, signature: string, args: (address: Code, length: Code) => Code) =>
  testModule({
    imports: [[PREVIEW1, name, signature], [PREVIEW1, 'proc_exit', 'i:']],
    memory: [2], data: { 64: path },
    functions: { _start: { code: [...args(i32(64), i32(path.length)), ...call(0), op.if, op.void, ...i32(1), ...call(1),
      op.end] } },
  })
const opens = (path: string, rights: number, flags = 0) =>
  asking(path, 'path_open', 'iiiiiIIii:i', (address, length) => [
    ...i32(3), ...i32(0), ...address, ...length, ...i32(flags), ...i64(rights), ...i64(0), ...i32(0), ...i32(0),
  ])
const names = (path: string, what: string) =>
  asking(path, what, 'iii:i', (address, length) => [...i32(3), ...address, ...length])

const text = (value: string) => new TextEncoder().encode(value)

interface Confined {
  readonly stack: Stack
  readonly kernel: Kernel
  readonly task: Task
}

const booted = (lsms: readonly Lsm[], engine?: BootOptions['landlock']): Omit<Confined, 'task'> => {
  const stack = createStack({ lsms })
  const kernel = bootKernel({ stack, ...(engine === undefined ? {} : { landlock: engine }) })
  for (const path of ['/kept', '/free']) {
    makeDir(kernel, path, 0o777)
    writeFile(kernel, `${path}/file`, 'x', 0o666)
  }
  writeFile(kernel, '/kept/roots', 'x', 0o600)
  return { stack, kernel }
}

const becomeGuest = ({ sys }: Kernel, task: Task): void => {
  must(sys.setgroups(task, 0, []), 'setgroups')
  must(sys.setresgid(task, 1000, 1000, 1000), 'setresgid')
  must(sys.setresuid(task, 1000, 1000, 1000), 'setresuid')
}

const byCapability = (): Confined => {
  const { stack, kernel } = booted([capability()])
  return { stack, kernel, task: childOf(kernel, 1000) }
}

const bySmack = (): Confined => {
  const { stack, kernel } = booted([capability(), smack({ load: 'Guest Kept rx' })])
  const { sys, init } = kernel
  for (const path of ['/kept', '/kept/file'])
    must(sys.setxattr(init, path, 'security.SMACK64', text('Kept'), 0), path)
  const task = childOf(kernel)
  const attr = must(sys.openat(task, AT_FDCWD, '/proc/self/attr/current', O_WRONLY, 0), 'attr')
  must(sys.write(task, attr, text('Guest')), 'label')
  sys.close(task, attr)
  becomeGuest(kernel, task)
  return { stack, kernel, task }
}

const byLandlock = (): Confined => {
  const lsm = landlock()
  const { stack, kernel } = booted([capability(), lsm], lsm.engine)
  const task = childOf(kernel, 1000)
  ruleset({ read: ['/free', '/kept'], write: ['/free'] }).restrict(kernel, task)
  return { stack, kernel, task }
}

/** What a record says that does not differ from task to task. */
const told = (record: AuditRecord) => {
  if (record.kind === 'text') return { lsm: record.lsm, text: record.text.replaceAll(/\b(pid|tid|comm)=\S+/g, '$1') }
  if (record.kind !== 'denial') return { kind: record.kind }
  const { hook, lsm, rc, reason, object, args, details, subject } = record
  return { hook, lsm, rc, reason, object, args, details, label: subject.label, uid: subject.uid }
}

/** Its status, and what it has left in the log. */
const run = ({ stack, kernel, task }: Confined, program: Uint8Array<ArrayBuffer>) => {
  const before = stack.audit.records.length
  const { status, signal } = runWasi(kernel, task, { program })
  return { status, signal, records: stack.audit.records.slice(before).map(told) }
}

test.each([
  { by: 'capability', confined: byCapability, act: 'reading the file of another', module: opens('kept/roots', FD_READ),
    says: { lsm: 'capability', uid: 1000 } },
  { by: 'smack', confined: bySmack, act: 'opening a file for writing', module: opens('kept/file', FD_WRITE),
    says: { lsm: 'smack', label: 'Guest', rc: -EACCES } },
  { by: 'smack', confined: bySmack, act: 'emptying a file', module: opens('kept/file', FD_WRITE, TRUNC),
    says: { lsm: 'smack', label: 'Guest' } },
  { by: 'smack', confined: bySmack, act: 'removing a file', module: names('kept/file', 'path_unlink_file'),
    says: { lsm: 'smack', label: 'Guest' } },
  { by: 'landlock', confined: byLandlock, act: 'opening a file for writing', module: opens('kept/file', FD_WRITE),
    says: { lsm: 'landlock', hook: 'file_open', reason: 'layer 1 of 1 does not allow fs.write_file' } },
  { by: 'landlock', confined: byLandlock, act: 'making a directory', module: names('kept/dir', 'path_create_directory'),
    says: { lsm: 'landlock', reason: 'layer 1 of 1 does not allow fs.make_dir' } },
  { by: 'landlock', confined: byLandlock, act: 'removing a file', module: names('kept/file', 'path_unlink_file'),
    says: { lsm: 'landlock', reason: 'layer 1 of 1 does not allow fs.remove_file' } },
])('$by denies $act', async ({ confined, module, says }) => {
  const core = run(confined(), module)
  expect(core).toMatchObject({ status: 1, signal: 0 })
  expect(core.records.at(-1)).toMatchObject(says)
  expect(run(confined(), await componentOf(module))).toEqual(core)
})

test.each([
  { by: 'smack', confined: bySmack, module: opens('kept/file', FD_READ) },
  { by: 'landlock', confined: byLandlock, module: opens('free/file', FD_WRITE) },
])('what $by allows is done and leaves no record', async ({ confined, module }) => {
  for (const program of [module, await componentOf(module)])
    expect(run(confined(), program)).toEqual({ status: 0, signal: 0, records: [] })
})

test('a file that may not be executed is not, whichever it holds', async () => {
  const module = opens('free/file', FD_READ)
  for (const program of [module, await componentOf(module)]) {
    const { stack, kernel, task } = byLandlock()
    writeFile(kernel, '/free/tool', program, 0o755)
    const { status } = runWasi(kernel, task, { program: '/free/tool' })
    expect({ status, last: told(stack.audit.records.at(-1)!) }).toMatchObject({
      status: 126, last: { lsm: 'landlock', reason: 'layer 1 of 1 does not allow fs.execute' },
    })
  }
})
