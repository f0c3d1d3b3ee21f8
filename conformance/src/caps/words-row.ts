/** A row of the named tables: process state and operation in words, answered in the words of `expected`. */
import { errnoName } from '@lsmkit/abi'
import { makeCall } from './calls.ts'
import type { CapsMachine } from './machine.ts'
import { readProgramWords } from './program.ts'
import { readWords, writeWords } from './state.ts'

export interface WordsRow {
  readonly id: string
  readonly area: string
  /** The subject of the row, in a few words; `random` for machine-made ones. */
  readonly rule: string
  readonly setup: string
  readonly operation: string
  readonly expected: string
}

/** Rows of a table without a header line. */
export const readRows = (lines: readonly string[]): WordsRow[] =>
  lines.map((line) => {
    const [id = '', area = '', rule = '', setup = '', operation = '', expected = ''] = line.split('\t')
    return { id, area, rule, setup, operation, expected }
  })

/** setfsuid answers the id it found, which these tables do not tell. */
const tellsResult = (operation: string): boolean => !operation.startsWith('setfsuid(')

/** Plays the row and gives the outcome in its notation. */
export const answerRow = (machine: CapsMachine, { setup, operation }: WordsRow): string => {
  const task = machine.start(readWords(setup))
  try {
    if (operation.startsWith('execve ')) {
      const { rc, atSecure } = machine.exec(task, readProgramWords(operation))
      return rc < 0 ? errnoName(rc) : `${writeWords(machine.state(task))} at_secure=${atSecure ? 1 : 0}`
    }
    const { rc } = makeCall(machine.kernel, task, operation, 'names')
    if (rc < 0) return errnoName(rc)
    const ret = rc > 0 && tellsResult(operation) ? ` ret=${rc}` : ''
    return writeWords(machine.state(task)) + ret
  } finally {
    machine.end(task)
  }
}
