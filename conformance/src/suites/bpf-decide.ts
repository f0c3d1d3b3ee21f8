/**
 * The result of an operation with programs of constant answers on one hook, among other LSMs. `--kernel RELEASE` names
 * the kernel that answered (6.12 unless given): its verifier loads, and the operation runs on our kernel by its rules.
 */
import { errnoName } from '@lsmkit/abi'
import type { Profile } from '@lsmkit/core'
import { DecideWorld } from '../bpf/decide-world.ts'
import { verifyConstant } from '../bpf/verify-constant.ts'
import type { ConstantVerdict } from '../bpf/verify-constant.ts'
import { profileOf } from '../profile.ts'
import { played } from '../suite.ts'
import type { Suite } from '../suite.ts'
import { parseTable } from '../tsv.ts'

const columns = [
  'n', 'lsm_order', 'object', 'hook', 'operation', 'program_returns', 'load_errno', 'attach_errno', 'operation_errno',
]

export const bpfDecide: Suite = {
  options: ['kernel'],
  *run(inputs, options) {
    const release = profileOf(options)
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

const verdicts = new Map<string, ConstantVerdict>()

/** Rows ask about few programs, many times. */
const verdict = (hook: string, returns: string, release: Profile): ConstantVerdict => {
  const key = `${release} ${hook} ${returns}`
  const known = verdicts.get(key) ?? verifyConstant(hook, Number(returns), false, release)
  verdicts.set(key, known)
  return known
}

/** Programs are attached in the listed order; of a row whose load failed no operation was recorded. */
const answer = (row: Readonly<Record<string, string>>, release: Profile): string => {
  const world = new DecideWorld(row.lsm_order!, row.object!, release)
  for (const [at, returns] of row.program_returns!.split(',').entries()) {
    const { errno } = release === '6.12' ? { errno: 0 } : verdict(row.hook!, returns, release)
    if (errno !== 0) return `load ${errnoName(-errno)}, attach OK, -`
    const { load, attach } = world.attach(`p${at}`, row.hook!, Number(returns))
    if (load !== 'OK' || attach !== 'OK') return `load ${load}, attach ${attach}, -`
  }
  return `load OK, attach OK, ${world.run(row.operation!)}`
}
