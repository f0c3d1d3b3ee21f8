/** Finds the hooks of a module in the coverage of its files: functions, and fields, that have the name of a hook. */
import { hookNames } from '@lsmkit/core'
import { isInside } from './coverage-map.ts'
import type { CoverageData, FileCoverage, Range } from './coverage-map.ts'

export interface CoveredHook {
  readonly hook: string
  readonly path: string
  readonly line: number
  readonly calls: number
  readonly statements: Share
  readonly branches: Share
  /** Lines of statements and branches that no test ran, in order. */
  readonly missed: readonly number[]
}

export interface Share {
  readonly run: number
  readonly of: number
}

const names: ReadonlySet<string> = new Set(hookNames)

/** In the order of files and lines. `sourceOf` answers the text of a file. */
export const coveredHooks = (data: CoverageData, sourceOf: (path: string) => string): readonly CoveredHook[] =>
  Object.values(data).flatMap((file) => {
    const lines = sourceOf(file.path).split('\n')
    const found = Object.entries(file.fnMap).flatMap(([id, { decl, loc }]) => {
      const hook = nameAt(lines, decl)
      return hook === null ? [] : [{ id, hook, loc, line: decl.start.line! }]
    })
    return found.map(({ id, hook, loc, line }) => hookOf(file, hook, line, file.f[id] ?? 0, loc))
      .sort((a, b) => a.line - b.line)
  })

/** The name that stands where a function is declared: that of a method, of a field, or of the function. */
const nameAt = (lines: readonly string[], { start }: Range): string | null => {
  const text = lines[start.line! - 1]?.slice(start.column ?? 0) ?? ''
  const [, name] = /^(?:async\s+)?(?:function\s+)?['"]?(\w+)/.exec(text) ?? []
  return name !== undefined && names.has(name) ? name : null
}

const hookOf = (file: FileCoverage, hook: string, line: number, calls: number, loc: Range): CoveredHook => {
  const statements = Object.entries(file.statementMap).filter(([, range]) => isInside(range, loc))
    .map(([id, range]) => ({ line: range.start.line!, isRun: file.s[id]! > 0 }))
  const branches = Object.entries(file.branchMap).filter(([, branch]) => isInside(branch.loc, loc))
    .flatMap(([id, branch]) =>
      file.b[id]!.map((count) => ({ line: branch.line ?? branch.loc.start.line!, isRun: count > 0 })))
  const missed = [...statements, ...branches].filter(({ isRun }) => !isRun).map((part) => part.line)
  return {
    hook, path: file.path, line, calls, statements: shareOf(statements), branches: shareOf(branches),
    missed: [...new Set(missed)].sort((a, b) => a - b),
  }
}

const shareOf = (parts: readonly { readonly isRun: boolean }[]): Share =>
  ({ run: parts.filter(({ isRun }) => isRun).length, of: parts.length })
