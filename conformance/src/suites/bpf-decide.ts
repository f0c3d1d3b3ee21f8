/** The result of an operation with programs of constant answers on one hook, among other LSMs. */
import { DecideWorld } from '../bpf/decide-world.ts'
import { played } from '../suite.ts'
import type { Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'

const columns = [
  'n', 'lsm_order', 'object', 'hook', 'operation', 'program_returns', 'load_errno', 'attach_errno', 'operation_errno',
]

export const bpfDecide: Suite = {
  *run(inputs) {
    for (const { text, path } of inputs) {
      for (const row of parseTable(text, path, columns)) {
        yield {
          id: `${row.n} ${row.hook} ${row.operation} ${row.program_returns} (${row.lsm_order}; ${row.object})`,
          got: played(() => answer(row)),
          expected: `load ${row.load_errno}, attach ${row.attach_errno}, ${row.operation_errno}`,
        }
      }
    }
  },
}

/** Programs are attached in the listed order; a row whose load failed tells nothing of an operation. */
const answer = (row: Readonly<Record<string, string>>): string => {
  const world = new DecideWorld(row.lsm_order!, row.object!)
  for (const [at, returns] of row.program_returns!.split(',').entries()) {
    const { load, attach } = world.attach(`p${at}`, row.hook!, Number(returns))
    if (load !== 'OK' || attach !== 'OK') return `load ${load}, attach ${attach}, -`
  }
  return `load OK, attach OK, ${world.run(row.operation!)}`
}
