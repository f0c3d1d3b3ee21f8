/** `.fc` files: their lines, and checks of them. */
import type { SourceFile } from '../files.ts'
import type { LintConfig } from './config.ts'
import type { PolicySymbols } from './symbols.ts'

export interface FileContextLine {
  readonly text: string
  /** Counts from 1. */
  readonly line: number
  readonly path: string
  /** Null of `<<none>>`, and of a line that cannot be read. */
  readonly context: { readonly user: string; readonly role: string; readonly type: string } | null
  readonly hasRange: boolean
  readonly isBad: boolean
}

const entry = /^(\S+)\s+(?:-\S\s+)?(\S.*)$/
const macroContext = /^gen_context\(\s*([^\s:,()]+):([^\s:,()]+):([^\s:,()]+)\s*(,[^)]*)?\)/
const plainContext = /^([^\s:,()]+):([^\s:,()]+):([^\s:,()]+)(:\S+)?$/
/** Lines of m4 that hold others. */
const macroLine = /^(ifn?def\(`|'\s*,\s*`|'\)|dnl\b)/

const readLine = (text: string, line: number, config: LintConfig): FileContextLine | null => {
  const written = text.trim()
  if (written === '' || written.startsWith('#') || macroLine.test(written)) return null
  const none = { text, line, path: '', context: null, hasRange: true }
  const [, path, label] = entry.exec(written) ?? []
  if (path === undefined || label === undefined) return { ...none, isBad: true }
  if (label.startsWith('<<none>>')) return { ...none, path, isBad: false }
  const [, user, role, type, range] = macroContext.exec(label) ?? plainContext.exec(label) ?? []
  if (user === undefined || role === undefined || type === undefined) {
    const macro = /^(\w+)\(.*\)/.exec(label)?.[1]
    return { ...none, path, isBad: macro === undefined || !config.fileContextMacros.includes(macro) }
  }
  return {
    ...none, path, context: { user, role, type }, isBad: false,
    hasRange: range !== undefined || !label.startsWith('gen_context'),
  }
}

/** Lines with labels, and those that cannot be read. */
export const fileContextLines = ({ text }: SourceFile, config: LintConfig): FileContextLine[] =>
  text.split('\n').flatMap((line, i) => readLine(line, i + 1, config) ?? [])

export interface FileContextCheck {
  readonly code: string
  find(line: FileContextLine, symbols: PolicySymbols, module: string): string | null
}

/** A sign of regular expressions that looks as if it were meant as itself. */
const unescaped = (path: string): string | null => {
  for (let at = 0; at < path.length; at++) {
    const [before, sign, after] = [path[at - 1] ?? '', path[at]!, path[at + 1] ?? '']
    if (before === '\\') continue
    if (sign === '[') {
      while (at < path.length && (path[at] !== ']' || path[at - 1] === '\\')) at++
    } else if ((sign === '.' && !'*+?'.includes(after)) || (sign === '.' && after === '') ||
      ('+*'.includes(sign) && !'.])'.includes(before || ' '))) {
      return `\`${sign}\` in \`${path}\` means more than itself: write \`\\${sign}\``
    }
  }
  return null
}

const missing = (symbols: PolicySymbols, kind: 'user' | 'role' | 'type', name: string): string | null =>
  (symbols.moduleOf(kind, name) === undefined ? `no ${kind} is named \`${name}\`` : null)

export const fileContextChecks: readonly FileContextCheck[] = [
  {
    code: 'S-002',
    find({ context }, symbols, module) {
      const of = context === null ? undefined : symbols.moduleOf('type', context.type)
      return of === undefined || of === module ? null : `type \`${context!.type}\` is of module \`${of}\``
    },
  },
  { code: 'S-007', find: ({ hasRange }) => (hasRange ? null : '`gen_context` has no level') },
  { code: 'W-004', find: ({ path, context }) => (context === null ? null : unescaped(path)) },
  { code: 'E-002', find: ({ isBad }) => (isBad ? 'this is not a file context' : null) },
  {
    code: 'E-003',
    find: ({ context }, symbols) => (context === null ? null : missing(symbols, 'user', context.user)),
  },
  {
    code: 'E-004',
    find: ({ context }, symbols) => (context === null ? null : missing(symbols, 'role', context.role)),
  },
  {
    code: 'E-005',
    find: ({ context }, symbols) => (context === null ? null : missing(symbols, 'type', context.type)),
  },
]

/** Lines of blanks. */
export const blankLines = ({ text }: SourceFile): number[] =>
  text.split('\n').flatMap((line, i) => (line !== '' && line.trim() === '' ? [i + 1] : []))

/** Files that a build of refpolicy puts together: their types are of many modules. */
export const isGenerated = (name: string): boolean => {
  const file = /[^/\\]*$/.exec(name)![0]
  return file === 'base.fc' || file === 'all_mods.fc' || file.endsWith('.mod.fc')
}
