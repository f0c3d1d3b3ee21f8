/** The mistakes that TypeScript finds in a module, a misspelt hook in one line with the name that was meant. */
import { hookNames } from '@lsmkit/core'
import { didYouMean } from '@lsmkit/core/did-you-mean'
import ts from 'typescript'
import { unknownHooks } from './hook-places.ts'
import { FILE } from './language.ts'
import type { TypeFault } from './protocol.ts'

const faultOf = ({ start: from = 0, length = 1, category, messageText }: ts.Diagnostic): TypeFault => ({
  from,
  to: from + Math.max(1, length),
  severity: category === ts.DiagnosticCategory.Error ? 'error' : 'warning',
  message: ts.flattenDiagnosticMessageText(messageText, '\n'),
})

const misspelt = (name: ts.Identifier, file: ts.SourceFile): TypeFault => {
  const said = `there is no hook \`${name.text}\``
  const hint = didYouMean(name.text, hookNames)
  const message = hint === null ? said : `${said}: ${hint}`
  return { from: name.getStart(file), to: name.end, severity: 'error', message }
}

/** The compiler's own message of a misspelt hook, at its name or at `hooks`: it fills a screen. */
const isOfName = ({ start = 0 }: ts.Diagnostic, file: ts.SourceFile, names: readonly ts.Identifier[]): boolean =>
  file.text.startsWith('hooks', start) || names.some((name) => name.getStart(file) === start)

/** Those of the syntax alone while there are any: the others follow from them. */
export const faultsOf = (service: ts.LanguageService): readonly TypeFault[] => {
  const syntax = service.getSyntacticDiagnostics(FILE)
  if (syntax.length > 0) return syntax.map(faultOf)
  const file = service.getProgram()!.getSourceFile(FILE)!
  const names = unknownHooks(file)
  const found = service.getSemanticDiagnostics(FILE)
  const others = names.length === 0 ? found : found.filter((one) => !isOfName(one, file, names))
  return [...names.map((name) => misspelt(name, file)), ...others.map(faultOf)]
}
