/** The project's own lint rules, as a plugin of oxlint. */
import { relative } from 'node:path'
import { importFault } from '../layers/check.ts'
import { printers } from '../printers/rule.ts'
import { closureFindings } from './closures.ts'
import type { Finding, Node } from './closures.ts'
import { longFunction } from './long-functions.ts'
import { noEntry } from './no-entry.ts'
import { privateMember } from './private-members.ts'
import { wholeFiles } from './whole-files.ts'

interface ImportNode extends Node {
  /** Its value is no string where the name of an import() is computed. */
  readonly source: { readonly value?: unknown } | null
}
interface Context {
  readonly filename: string
  readonly cwd: string
  report(finding: Finding): void
}

const fileOf = ({ cwd, filename }: Context): string => relative(cwd, filename).replaceAll('\\', '/')

const layers = {
  create(context: Context) {
    const file = fileOf(context)
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

const closures = {
  create(context: Context) {
    return {
      Program(program: Node) {
        for (const finding of closureFindings(fileOf(context), program)) context.report(finding)
      },
    }
  },
}

const longFunctions = {
  create(context: Context) {
    const check = (node: Node): void => {
      const finding = longFunction(fileOf(context), node)
      if (finding !== null) context.report(finding)
    }
    return { FunctionDeclaration: check, FunctionExpression: check, ArrowFunctionExpression: check }
  },
}

const privateMembers = {
  create(context: Context) {
    const check = (node: Node): void => {
      const finding = privateMember(node)
      if (finding !== null) context.report(finding)
    }
    return { PropertyDefinition: check, MethodDefinition: check }
  },
}

const noEntries = {
  create(context: Context) {
    return {
      Property(node: Node) {
        const finding = noEntry(fileOf(context), node)
        if (finding !== null) context.report(finding)
      },
    }
  },
}

const filesWhole = {
  create(context: Context) {
    return {
      ImportDeclaration(node: Node) {
        const finding = wholeFiles(fileOf(context), node)
        if (finding !== null) context.report(finding)
      },
    }
  },
}

export default {
  meta: { name: 'lsmkit' },
  rules: {
    layers, closures, printers, 'long-functions': longFunctions, 'private-members': privateMembers,
    'no-entry': noEntries, 'whole-files': filesWhole,
  },
}
