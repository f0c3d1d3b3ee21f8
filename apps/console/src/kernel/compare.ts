/** The same attempts on several stacks: what came of each, who refused, and the way of every call. */
import { createSubject } from '@lsmkit/cli/subject'
import type { Subject } from '@lsmkit/cli/subject'
import { HOME, VISITOR_UID } from '@lsmkit/demo/tree'
import { ruleset } from '@lsmkit/landlock'
import { runWasiAsync } from '@lsmkit/wasi'
import { DecisionEncoder } from '../decisions/encoder.ts'
import type { CallTrace } from '../decisions/encoder.ts'
import { ownRules } from './guest.ts'
import { bootMachine } from './machine.ts'
import type { Machine } from './machine.ts'
import type { CompareCell, CompareColumn, MachineSpec } from './protocol.ts'

/** Milliseconds that one attempt may take. */
const LONGEST = 5000

/** Each of them is what a shell is told to do. */
const attempts: readonly { readonly title: string; readonly command: string }[] = [
  { title: 'read /etc/passwd', command: 'cat /etc/passwd' },
  { title: 'write a note at home', command: 'echo note > note.txt' },
  { title: 'read /etc/shadow', command: 'cat /etc/shadow' },
  { title: 'write /usr/bin/login', command: 'echo mine > /usr/bin/login' },
  { title: 'write /srv/tool', command: 'echo x > /srv/tool' },
  { title: 'relabel itself', command: 'echo unconfined > /proc/self/attr/current' },
  { title: 'raise CAP_SYS_ADMIN', command: 'capraise sys_admin' },
  { title: 'become root', command: 'capraise setuid 0' },
]

/** One stack, every attempt on it, as root or as the visitor. */
export const compareColumn = async (
  spec: MachineSpec,
  isRoot: boolean,
  tools: Readonly<Record<string, Uint8Array>>,
): Promise<CompareColumn> => {
  const encoder = new DecisionEncoder()
  const machine = await bootMachine(spec, { encoder, tools, trace: () => {} })
  const { explanation } = machine.report()
  const cells: CompareCell[] = []
  for (const { command } of attempts) cells.push(await cellOf(machine, encoder, isRoot, command))
  return { order: explanation.order, attempts: attempts.map(({ title, command }) => `${title}: ${command}`), cells }
}

interface Ran {
  readonly ok: boolean
  readonly said: string
  readonly calls: readonly CallTrace[]
}

/** One line of a shell, as a subject of its own. */
export const runLine = async (
  machine: Machine,
  encoder: DecisionEncoder,
  who: Subject,
  command: string,
): Promise<Ran> => {
  const { kernel, quiet, quietly, stack } = machine
  const task = quietly(() => {
    quiet.sys.chdir(quiet.init, HOME)
    const subject = createSubject(quiet, who)
    if (stack.names.includes('landlock')) ruleset(ownRules).restrict(quiet, subject)
    return subject
  })
  const before = encoder.last
  let said = ''
  const decoder = new TextDecoder()
  const hear = (bytes: Uint8Array): void => void (said += decoder.decode(bytes))
  const { status } = await runWasiAsync(kernel, task, {
    program: '/usr/bin/sh',
    argv: ['sh', '-c', command],
    env: { HOME, PATH: '/usr/bin' },
    stdin: '',
    stdout: hear,
    stderr: hear,
    posix: true,
    syscalls: true,
    waiting: 'suspended',
    limits: { time: LONGEST },
  })
  return { ok: status === 0, said: said.trim().split('\n').at(-1) ?? '', calls: encoder.since(before) }
}

const cellOf = async (
  machine: Machine,
  encoder: DecisionEncoder,
  isRoot: boolean,
  command: string,
): Promise<CompareCell> => {
  const { ok, said, calls } = await runLine(machine, encoder, { uid: isRoot ? 0 : VISITOR_UID }, command)
  return { ok, said, by: refuserOf(calls), trace: calls.map(traceOf) }
}

/** The last refusal that a call has failed for. */
const refuserOf = (calls: readonly CallTrace[]): CompareCell['by'] => {
  const found = calls.findLast(
    ({ text, records }) => / = -1 E/.test(text) && records.some(({ kind }) => kind === 'denial'),
  )
  const record = found?.records.findLast((one) => one.kind === 'denial')
  return record?.kind === 'denial' ? { lsm: record.lsm, hook: record.hook } : null
}

/** Pids differ from run to run, and say nothing here. */
const traceOf = ({ text, records }: CallTrace): CompareCell['trace'][number] => ({
  call: text.replace(/^\[pid \d+\] /, ''),
  hooks: records.flatMap((record) =>
    record.kind === 'text' ? [] : [{ hook: record.hook, by: record.kind === 'allow' ? null : record.lsm }],
  ),
})
