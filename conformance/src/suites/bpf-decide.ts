/**
 * The result of an operation with programs of constant answers on one hook, among other LSMs. `--kernel RELEASE` names
 * the kernel that answered (6.12 unless given): its verifier loads, and the operation runs on our kernel.
 */
import { errnoName } from '@lsmkit/abi'
import type { KernelRelease } from '@lsmkit/bpf/verifier'
import { DecideWorld } from '../bpf/decide-world.ts'
import { hookTables, releaseOf } from '../bpf/release.ts'
import { verifyConstant } from '../bpf/verify-constant.ts'
import { played } from '../suite.ts'
import type { Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'

const columns = [
  'n', 'lsm_order', 'object', 'hook', 'operation', 'program_returns', 'load_errno', 'attach_errno', 'operation_errno',
]

export const bpfDecide: Suite = {
  options: ['kernel'],
  *run(inputs, options) {
    const release = releaseOf(options, hookTables)
    for (const { text, path } of inputs) {
      for (const row of parseTable(text, path, columns)) {
        yield {
          id: `${row.n} ${row.hook} ${row.operation} ${row.program_returns} (${row.lsm_order}; ${row.object})`,
          got: played(() => answer(row, release)),
          expected: `load ${row.load_errno}, attach ${row.attach_errno}, ${row.operation_errno}`,
        }
      }
    }
  },
}

/** Programs are attached in the listed order; of a row whose load failed no operation was recorded. */
const answer = (row: Readonly<Record<string, string>>, release: KernelRelease): string => {
  const world = new DecideWorld(row.lsm_order!, row.object!)
  for (const [at, returns] of row.program_returns!.split(',').entries()) {
    const { errno } = release === '6.12' ? { errno: 0 } : verifyConstant(row.hook!, Number(returns), false, release)
    if (errno !== 0) return `load ${errnoName(-errno)}, attach OK, -`
    const { load, attach } = world.attach(`p${at}`, row.hook!, Number(returns))
    if (load !== 'OK' || attach !== 'OK') return `load ${load}, attach ${attach}, -`
  }
  return `load OK, attach OK, ${world.run(row.operation!)}`
}
