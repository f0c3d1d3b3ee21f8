/** The answers of libsepol, libselinux, setools and the kernel on one policy, compared with our server's. */
import { dictionary } from '@lsmkit/abi'
import { PolicyError } from '@lsmkit/selinux/policydb'
import { readInput } from '../input.ts'
import { accessRows, transitionRows, validatetransRows, validRows, xpermRows } from '../selinux/decision-tables.ts'
import { fileContextRows, readFileContexts } from '../selinux/file-context-table.ts'
import { ocontextRows } from '../selinux/object-tables.ts'
import { PolicyUnderTest } from '../selinux/policy-under-test.ts'
import { readTable } from '../selinux/prefix-tables.ts'
import { sesearchRows } from '../selinux/sesearch-table.ts'
import { UsageError } from '../suite.ts'
import type { Options, Row, Suite } from '../suite.ts'

const statesOf = (rows: readonly string[][]): Map<string, Record<string, boolean>> => {
  const states = new Map<string, Record<string, boolean>>()
  for (const [state = '', name = '', value] of rows) {
    const known = states.get(state) ?? dictionary<boolean>()
    states.set(state, known)
    known[name] = value === '1'
  }
  return states
}

/** Contexts by the number in the first column. */
const contextsOf = (rows: readonly string[][]): string[] => {
  const contexts: string[] = []
  for (const [index, text = ''] of rows) contexts[Number(index)] = text
  return contexts
}

/** A file that is none of what it should be is a mistake of the caller. */
const usable = <T>(make: () => T): T => {
  try {
    return make()
  } catch (error) {
    if (error instanceof PolicyError) throw new UsageError(error.summary, error.hint ?? undefined)
    throw error
  }
}

async function* tables(prefix: string, options: Options): AsyncGenerator<Row> {
  if (options.policy === undefined) throw new UsageError('`selinux-tables` needs `--policy`')
  const { bytes } = await readInput(options.policy)
  const states = statesOf((await readTable(prefix, 'bools')) ?? [])
  const contexts = contextsOf((await readTable(prefix, 'contexts')) ?? [])
  const libsepol = usable(() => new PolicyUnderTest('libsepol', bytes, states, contexts))
  const kernel = usable(() => new PolicyUnderTest('kernel', bytes, states, contexts))
  const given = options['file-contexts']
  const fileContexts = given === undefined ? null : await readFileContexts(given)
  const asked = {
    access: (rows: string[][]) => accessRows(rows, kernel),
    transitions: (rows: string[][]) => transitionRows(rows, libsepol, kernel),
    valid: (rows: string[][]) => validRows(rows, kernel),
    validatetrans: (rows: string[][]) => validatetransRows(rows, kernel),
    xperms: (rows: string[][]) => xpermRows(rows, kernel),
    ocontexts: (rows: string[][]) => ocontextRows(rows, libsepol),
    filecontexts: (rows: string[][]) => fileContextRows(rows, fileContexts),
    sesearch: (rows: string[][]) => sesearchRows(rows, bytes),
  }
  for (const [name, rowsOf] of Object.entries(asked)) {
    const rows = await readTable(prefix, name)
    if (rows !== null) yield* rowsOf(rows)
  }
}

export const selinuxTables: Suite = {
  options: ['policy', 'file-contexts'],
  readsFiles: false,
  async *run(_inputs, options, prefixes): AsyncGenerator<Row> {
    for (const prefix of prefixes) yield* tables(prefix, options)
  },
}
