/** The operations that are recorded: the written-down ones, then the rows of tables, each once. */
import { hookTraceOperations } from '../../src/operations/hook-trace.ts'
import { recordedTraces } from '../../src/operations/hook-trace/recorded.ts'
import { readInput } from '../../src/input.ts'
import { parseTable } from '../../src/tsv.ts'

export interface Text {
  readonly setup: string
  readonly calls: string
}

/** Rows of macros have no setup; their ids tell whose call it is. */
const textOf = (id: string, setup: string, calls: string): Text => {
  if (Object.hasOwn(hookTraceOperations, id)) {
    const own = hookTraceOperations[id]!
    return { setup: own.setup ?? '', calls: own.act }
  }
  if (setup !== '-') return { setup, calls }
  return { setup: id.endsWith('_user') ? 'user();' : '', calls }
}

/** Those of a kernel that boots with the modules `lsm` beside capability. Rows of tables are of capability alone. */
export const operationsOf = async (lsm: string, tables: readonly string[]): Promise<ReadonlyMap<string, Text>> => {
  const texts = new Map<string, Text>(Object.entries(recordedTraces).flatMap(([id, one]) =>
    (one.lsm ?? '') === lsm ? [[id, { setup: one.setup ?? '', calls: one.calls }]] : []))
  for (const path of tables) {
    const { text } = await readInput(path)
    for (const { id, setup, calls } of parseTable(text, path, ['id', 'setup', 'calls'])) {
      if (!texts.has(id!)) texts.set(id!, textOf(id!, setup!, calls!))
    }
  }
  // a machine whose audit system was on once asks more
  const isAudited = ([id]: readonly [string, Text]): boolean => AUDITED.test(id)
  return new Map([...[...texts].filter((one) => !isAudited(one)), ...[...texts].filter(isAudited)])
}

const AUDITED = /^(?:audited|rule)_|_(?:getpid|rule)$/
