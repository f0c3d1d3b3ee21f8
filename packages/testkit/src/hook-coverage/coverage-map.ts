/** Coverage of files as istanbul has it, as far as it is read here; vitest hands one to its reporters. */

export interface Position {
  readonly line?: number | undefined
  /** From 0; null is the end of the line. */
  readonly column?: number | null | undefined
}

export interface Range {
  readonly start: Position
  readonly end: Position
}

export interface FileCoverage {
  readonly path: string
  readonly fnMap: Readonly<Record<string, { readonly decl: Range; readonly loc: Range }>>
  readonly f: Readonly<Record<string, number>>
  readonly statementMap: Readonly<Record<string, Range>>
  readonly s: Readonly<Record<string, number>>
  readonly branchMap: Readonly<Record<string, { readonly loc: Range; readonly line?: number }>>
  readonly b: Readonly<Record<string, readonly number[]>>
}

export type CoverageData = Readonly<Record<string, FileCoverage>>

const columnOf = ({ column }: Position): number => column ?? Infinity

const isBehind = (a: Position, b: Position): boolean =>
  a.line! > b.line! || (a.line === b.line && columnOf(a) >= columnOf(b))

export const isInside = (inner: Range, outer: Range): boolean =>
  isBehind(inner.start, outer.start) && isBehind(outer.end, inner.end)
