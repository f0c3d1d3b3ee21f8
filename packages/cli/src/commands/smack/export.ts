/** `lsm smack export FILE…`: what the rule files come to, as text that load2 of a real kernel takes. */
import { exportRules, load2Writes } from '@lsmkit/smack/engine'
import type { Io } from '../../io.ts'
import { printJson } from '../../output.ts'
import { policyOf, readSources } from './rule-sources.ts'

export interface ExportOptions {
  readonly json?: boolean
}

/** As JSON also cut into writes, as each write(2) takes a page and whole lines only. */
export const exportCommand = (io: Io, names: readonly string[], { json }: ExportOptions): void => {
  const text = exportRules(policyOf(readSources(io, names)))
  if (json) printJson(io, { rules: text.split('\n').length - 1, text, writes: load2Writes(text) })
  else io.stdout(new TextEncoder().encode(text))
}
