/** The project's own lint rules, as a plugin of oxlint. */
import { relative } from 'node:path'
import { printers } from '../printers/rule.ts'
import { importFault } from './check.ts'

interface ImportNode {
  /** No string where the name of an import() is computed. */
  readonly source: { readonly value?: unknown } | null
}
interface Context {
  readonly filename: string
  readonly cwd: string
  report(finding: { readonly message: string; readonly node: ImportNode }): void
}

const layers = {
  create(context: Context) {
    const file = relative(context.cwd, context.filename).replaceAll('\\', '/')
    const check = (node: ImportNode): void => {
      const specifier = node.source?.value
      const message = typeof specifier === 'string' ? importFault(file, specifier) : null
      if (message !== null) context.report({ message, node })
    }
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    }
  },
}

export default { meta: { name: 'lsmkit' }, rules: { layers, printers } }
