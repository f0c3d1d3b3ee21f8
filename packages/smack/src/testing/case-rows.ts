/** Rows of cases/smack-cases.tsv whose words are regular enough to be read: questions, writes, labels. */
import { capByName, errnoName } from '@lsmkit/abi'
import { access, taskAccess } from '../access.ts'
import { verdictOf } from '../decision.ts'
import type { Decision } from '../decision.ts'
import { labelEnd } from '../label.ts'
import { parseModes } from '../modes.ts'
import { bytes, latin1, Machine } from './machine.ts'

export interface CaseRow {
  readonly id: string
  readonly area: string
  readonly rule: string
  readonly setup: string
  readonly operation: string
  readonly expected: string
  readonly verified: string
}

export const readCases = (table: string): CaseRow[] =>
  table
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [id = '', area = '', rule = '', setup = '', operation = '', expected = '', verified = ''] =
        line.split('\t')
      return { id, area, rule, setup, operation, expected, verified }
    })

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', 0: '\0', '\\': '\\' }
const unescape = (text: string): string => text.replace(/\\([nt0\\])/g, (_, letter: string) => escapes[letter]!)

const verdictText = (decision: Decision): string => {
  const verdict = verdictOf(decision)
  if (verdict === 'deny') return 'EACCES'
  return verdict === 'allow' ? verdict : `allow(${verdict})`
}

/** `load2 "* B rwx"; unconfined "A"`; what a task sets for itself comes with the task. */
const setUp = (machine: Machine, setup: string): void => {
  for (const part of setup.split('; ')) {
    const [, file, text] = /^(\S+) "(.*)"$/.exec(part) ?? []
    if (file !== undefined && file !== 'loadself2') machine.write(file, unescape(text!))
  }
}

const answerAccess = ({ setup, operation }: CaseRow): string => {
  const machine = new Machine()
  setUp(machine, setup)
  const [, subject, object, request] = /subject=(\S+), object=(\S+), request=(\S+)\)/.exec(operation)!
  return verdictText(access(machine.policy, machine.label(subject!), machine.label(object!), parseModes(request!)))
}

const answerTask = ({ setup, operation }: CaseRow): string => {
  const machine = new Machine()
  const [, label, names = ''] = /^task label (\S+), effective caps in init ns \{(.*?)\}/.exec(setup)!
  setUp(machine, setup)
  const selfRules = /loadself2 "(.*?)"/.exec(setup)?.[1] ?? ''
  const caps = names === '' ? [] : names.split(',').map((name) => capByName(`cap_${name.trim()}`)!)
  const task = machine.task(label!, { caps, selfRules, kernelThread: setup.includes('kernel thread') })
  const [, object, request] = /task access to object (\S+) request (\S+)/.exec(operation)!
  const actor = {
    kernelThread: setup.includes('kernel thread'),
    label: machine.label(label!),
    holds: (cap: number) => caps.includes(cap),
  }
  const own = machine.policy.newSelfRules()
  for (const rule of selfRules === '' ? [] : [selfRules]) {
    const [from, to, modes] = rule.split(' ')
    own.change(machine.label(from!), machine.label(to!), parseModes(modes!), ~parseModes(modes!))
  }
  const subject = { label: actor.label, rules: own.size === 0 ? null : own }
  const decision = taskAccess(machine.policy, subject, machine.label(object!), parseModes(request!), actor)
  // the same question through a hook, where the request is one an inode can be asked
  const inode = machine.inode(object!)
  const rc = machine.as(task, () => machine.lsm.inode_permission.ask(inode, parseModes(request!) & 0xf))
  if ((parseModes(request!) & 0xf) === parseModes(request!) && request !== '-') {
    if ((rc === 0) !== (verdictOf(decision) !== 'deny')) return `inode_permission answers ${rc}`
  }
  return verdictText(decision)
}

/** Rules are read where all of them are shown. */
const ruleFiles = new Set(['load', 'change-rule', 'revoke-subject', 'load-self2'])

/** `write FILE "…" ; write FILE "…" then read line of L`: counts, then what is read. */
const answerWrites = ({ setup, operation }: CaseRow): string => {
  const machine = new Machine()
  setUp(machine, setup)
  const [, writes, lineOf] = /^(.*?)( then read(?: line of (?:\S+))?)?$/s.exec(operation)!
  const counts: string[] = []
  let name = ''
  for (const write of writes!.split(/ ; (?=write )/)) {
    const [, file, text] = /^write (\S+) "(.*)"$/s.exec(write)!
    name = file!
    const rc = machine.write(name, unescape(text!))
    counts.push(rc < 0 ? errnoName(rc) : String(rc))
  }
  if (lineOf === undefined) return counts.join(',')
  const file = ruleFiles.has(name) ? 'load2' : name
  const lines = String(machine.read(file)).split('\n').slice(0, -1)
  const label = / line of (\S+)$/.exec(lineOf)?.[1]
  const shown = label === undefined ? lines : lines.filter((line) => line.startsWith(`${label} `))
  return `${counts.join(',')} | ${shown.join(' ; ')}`
}

const answerParse = ({ operation }: CaseRow): string => {
  const [, text, length] = /^parse label from bytes "(.*)" len=(\d+)$/s.exec(operation)!
  const end = labelEnd(latin1(bytes(unescape(text!))), 0, Number(length))
  return end < 0 ? errnoName(end) : String(end)
}

const answerImport = ({ operation }: CaseRow): string => {
  const machine = new Machine()
  const [, label] = /^read cipso2 line of (\S+)$/.exec(operation)!
  machine.label(label!)
  return (
    String(machine.read('cipso2'))
      .split('\n')
      .find((line) => line.startsWith(`${label} `)) ?? ''
  )
}

/** Answers a row in words of the table; null for rows that are scenarios. */
export const answerRow = (row: CaseRow): string | null => {
  if (row.area === 'access') return answerAccess(row)
  if (row.area === 'task-access') return answerTask(row)
  if (row.operation.startsWith('parse label')) return answerParse(row)
  if (row.setup === 'import label only') return answerImport(row)
  if (row.verified === 'oracle' && row.operation.startsWith('write ')) return answerWrites(row)
  return null
}
