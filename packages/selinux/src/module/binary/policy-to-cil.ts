/** A binary policy as CIL that compiles to the same policy, as `checkpolicy -b -C` writes it. */
import type { Policydb } from '../../policydb/policydb.ts'
import { CilWriter } from '../cil/writer.ts'
import { MODULE_ATTRIBUTE } from '../module.ts'
import { writeModule } from '../to-cil.ts'
import { policyAsModule } from './as-module.ts'
import { RuleLines } from './rule-lines.ts'

/** Symbols, transitions and labels, and the writer that knows their names. */
export const symbolsText = (policy: Policydb): { readonly text: string; readonly writer: CilWriter } => {
  const writer = new CilWriter(policyAsModule(policy))
  writeModule(writer)
  for (const { properties, value } of writer.module.symbols.types) {
    // An attribute that no rule names stays all the same.
    const isAttribute = (properties & MODULE_ATTRIBUTE) !== 0
    if (isAttribute) writer.say(`(expandtypeattribute ${writer.nameOf('types', value)} false)`)
  }
  for (const type of policy.neveraudit) writer.say(`(typeneveraudit ${writer.nameOf('types', type)})`)
  return { text: writer.text, writer }
}

/** The policy as one text of CIL. Throws PolicyError for what CIL cannot say. */
export const policyToCil = (policy: Policydb): string => {
  const { text, writer } = symbolsText(policy)
  const lines = new RuleLines(writer)
  const rules = [...lines.ofTable(policy.avtab), ...policy.conditionals.flatMap((item) => lines.ofConditional(item))]
  return `${text}${rules.join('\n')}\n`
}
