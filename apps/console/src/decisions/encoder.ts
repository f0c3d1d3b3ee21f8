/** Turns audit records into batches of numbers, and keeps the last calls whole for whoever asks why. */
import { capName } from '@lsmkit/abi'
import type { AuditObject, AuditRecord, Subject } from '@lsmkit/core'
import { strace } from '@lsmkit/kernel'
import type { SystemCall } from '@lsmkit/kernel'
import { columnNames, NOT_ENDED, SUCCEEDED, textKinds } from './batch.ts'
import type { Batch, ColumnName, TextKind } from './batch.ts'
import { KeptCalls } from './kept-calls.ts'

/** Decisions of a batch; what comes beyond it opens the next. */
const ROWS = 16_384
/** Texts of one kind; a program that makes up names for ever gets no more. */
const MOST_TEXTS = 100_000
/** Calls whose records are kept. */
const KEPT_CALLS = 4096
const KEPT_REFUSED_CALLS = 8192
/** Calls of one batch that are told as text: any, and those in which something was refused. */
const TOLD_CALLS = 2048
const TOLD_REFUSED_CALLS = 8192

/** A call with all that was recorded during it. */
export interface CallTrace {
  readonly serial: number
  readonly name: string
  /** As strace prints it; the call's name while it runs. */
  text: string
  readonly records: AuditRecord[]
  /** Lines of C that ran up to a decision, by the record's number. */
  readonly lines: Map<number, readonly string[]>
  /** Something was refused, or would have been. */
  isRefused: boolean
}

/** Watches what programs of BPF run, where there are any. */
export interface LineWatcher {
  begin(): void
  since(hook: string): readonly string[]
}

type Tables = { readonly [K in TextKind]: Map<string, number> }

const emptyTables = (): Tables =>
  Object.fromEntries(textKinds.map((kind) => [kind, new Map([['', 0]])])) as unknown as Tables

export class DecisionEncoder {
  readonly #tables = emptyTables()
  #fresh = Object.fromEntries(textKinds.map((kind) => [kind, ['']])) as Record<TextKind, string[]>
  #times = new Float64Array(ROWS)
  #columns = newColumns()
  #count = 0
  #told: { serial: number; text: string; isRefused: boolean }[] = []
  #answers: { serial: number; answer: number }[] = []
  /** The row that the open call's decisions begin with; less than 0: in a batch before. */
  #openRow = 0
  readonly #full: Batch[] = []
  readonly #calls = new KeptCalls<CallTrace>(KEPT_CALLS, KEPT_REFUSED_CALLS)
  #open: CallTrace | null = null
  #serial = 0
  #missed = 0
  lines: LineWatcher | null = null
  /** A shell starts at the terminal: what it asks until the first key is not the reader's doing. */
  isStarting = false

  /** Before a system call. */
  enter(name: string): void {
    this.lines?.begin()
    this.#openRow = this.#count
    const serial = ++this.#serial
    this.#open = { serial, name, text: name, records: [], lines: new Map(), isRefused: false }
  }

  /** Behind it. */
  leave(call: SystemCall): void {
    const open = this.#open
    this.#open = null
    if (open === null || open.records.length === 0) return
    const { serial, isRefused } = open
    const answer = call.rc < 0 ? call.rc : SUCCEEDED
    this.#columns.answer.fill(answer, Math.max(0, this.#openRow), this.#count)
    if (this.#openRow < 0) this.#answers.push({ serial, answer })
    if (this.#told.length < (isRefused ? TOLD_REFUSED_CALLS : TOLD_CALLS)) {
      open.text = strace.callText(call)
      this.#told.push({ serial, text: open.text, isRefused })
    }
    this.#calls.set(serial, open, isRefused)
  }

  /** Number of the last call. */
  get last(): number {
    return this.#serial
  }

  /** The calls behind a number that asked a hook, in their order. */
  since(serial: number): CallTrace[] {
    return this.#calls.values().filter((call) => call.serial > serial).sort((a, b) => a.serial - b.serial)
  }

  /** The call that a record was made in. */
  callOf(recordSerial: number): CallTrace | null {
    for (const call of this.#calls.values()) {
      if (call.records.some(({ serial }) => serial === recordSerial)) return call
    }
    return null
  }

  note(record: AuditRecord): void {
    const open = this.#open
    open?.records.push(record)
    if (record.kind === 'text') return
    if (this.lines !== null && record.kind === 'denial' && record.lsm === 'bpf') {
      open?.lines.set(record.serial, this.lines.since(record.hook))
    }
    if (open !== null && record.kind !== 'allow') open.isRefused = true
    const columns = this.#columns
    const row = this.#count
    this.#times[row] = record.time
    columns.hook[row] = this.#number('hook', record.hook)
    columns.lsm[row] = record.kind === 'allow' ? 0 : this.#number('lsm', record.lsm)
    columns.task[row] = this.#number('task', taskText(record.subject))
    columns.object[row] = this.#number('object', record.object === null ? '' : objectText(record.object))
    columns.call[row] = this.#number('call', open?.name ?? '')
    columns.reason[row] = this.#number('reason', reasonText(record))
    columns.verdict[row] = verdicts[record.kind]
    columns.rc[row] = record.kind === 'fault' ? -1 : record.rc
    columns.serial[row] = record.serial
    columns.callSerial[row] = open?.serial ?? 0
    columns.pid[row] = record.subject.pid
    columns.answer[row] = NOT_ENDED
    columns.terminal[row] = this.isStarting || (record.kind === 'allow' && isTerminal(record)) ? 1 : 0
    if (++this.#count === ROWS) this.#close()
  }

  /** The batches since the last call; `missed` is the audit's count of records that it lost. */
  take(missed: number): readonly Batch[] {
    const lost = missed - this.#missed
    if (this.#count > 0 || this.#told.length > 0 || this.#answers.length > 0 || lost > 0) this.#close(lost)
    this.#missed = missed
    return this.#full.splice(0)
  }

  #close(missed = 0): void {
    const fresh = this.#fresh
    const times = this.#times
    const columns = this.#columns
    const count = this.#count
    const told = this.#told
    const answers = this.#answers
    const part = (column: Int32Array<ArrayBuffer>) => (count === ROWS ? column : column.slice(0, count))
    this.#full.push({
      count,
      times: count === ROWS ? times : times.slice(0, count),
      columns: Object.fromEntries(columnNames.map((name) => [name, part(columns[name])])) as Batch['columns'],
      texts: fresh,
      calls: told,
      answers,
      missed,
    })
    this.#fresh = Object.fromEntries(textKinds.map((kind) => [kind, []])) as unknown as Record<TextKind, string[]>
    this.#told = []
    this.#answers = []
    this.#openRow = this.#openRow < count ? -1 : 0
    this.#count = 0
    if (count === ROWS) [this.#times, this.#columns] = [new Float64Array(ROWS), newColumns()]
  }

  #number(kind: TextKind, text: string): number {
    const table = this.#tables[kind]
    const known = table.get(text)
    if (known !== undefined) return known
    if (table.size >= MOST_TEXTS) return 0
    const number = table.size
    table.set(text, number)
    this.#fresh[kind].push(text)
    return number
  }
}

/** The buffers that move with a batch instead of being copied. */
export const buffersOf = ({ times, columns }: Batch): ArrayBuffer[] => [
  times.buffer,
  ...columnNames.map((name) => columns[name].buffer),
]

const verdicts = { allow: 0, denial: 1, 'would-deny': 2, fault: 3 } as const

/** Allowed on the device of a terminal, by whoever reads keys or writes text there. */
const isTerminal = ({ object }: Exclude<AuditRecord, { kind: 'text' }>): boolean =>
  object !== null && 'path' in object && /^\/dev\/(?:pts\/|ptmx$|tty|console$)/.test(String(object.path))

const newColumns = (): Record<ColumnName, Int32Array<ArrayBuffer>> =>
  Object.fromEntries(columnNames.map((name) => [name, new Int32Array(ROWS)])) as Record<
    ColumnName,
    Int32Array<ArrayBuffer>
  >

const taskText = ({ pid, comm, uid, label }: Subject): string =>
  `${comm}[${pid}] uid ${uid}${label === null ? '' : ` ${label}`}`

const reasonText = (record: Exclude<AuditRecord, { kind: 'text' }>): string =>
  record.kind === 'allow' ? '' : record.kind === 'fault' ? record.message : (record.reason ?? '')

/** The object of an access, on a line. */
export const objectText = (object: AuditObject): string => {
  switch (object.kind) {
    case 'path':
    case 'file':
    case 'ioctl_op':
    case 'dentry':
      return object.path
    case 'inode':
      return object.name ?? `inode ${object.ino}`
    case 'task':
      return `${object.comm}[${object.pid}]`
    case 'cap':
      return capName(object.cap) ?? `capability ${object.cap}`
    case 'net':
      return object.path ?? `${object.daddr || object.faddr}:${object.dest || object.fport || object.source}`
    case 'super_block':
      return `${object.fstype} (${object.dev})`
    case 'kmod':
      return object.name
    case 'lockdown':
      return object.reason
    case 'key':
      return object.description
    case 'ipc':
      return `ipc ${object.key}`
    case 'ibpkey':
    case 'ibendport':
    case 'anon_inode':
    case 'nlmsgtype':
      return object.kind
  }
}
