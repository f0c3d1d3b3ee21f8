/** The file and the policy of a node that is checked. */
import type { PolicySymbols } from './symbols.ts'
import type { SourceSyntax } from '../syntax/ast.ts'
import type { LintConfig } from './config.ts'

export interface LintContext {
  readonly syntax: SourceSyntax
  readonly kind: 'te' | 'if'
  readonly module: string
  readonly symbols: PolicySymbols
  readonly config: LintConfig
  /** Reasons why nodes are out of order; filled when the file is begun, where the check is on. */
  readonly disorder: ReadonlyMap<unknown, string>
}
