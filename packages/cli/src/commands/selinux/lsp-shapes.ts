/** Places, findings and symbols in the shapes of the language server protocol. */
import { pathToFileURL } from 'node:url'
import { severityOf, SourceError } from '@lsmkit/selinux/source'
import type { Completion, LintFinding, SourceSymbol, SourceWarning } from '@lsmkit/selinux/source'

export interface Position {
  readonly line: number
  readonly character: number
}

/** Of the protocol: they count from 0. */
const severities: ReadonlyMap<string | null, number> =
  new Map([['fatal', 1], ['error', 1], ['warning', 2], ['style', 3], ['convention', 4]])

export const diagnosticsOf = (findings: readonly LintFinding[]): object[] =>
  findings.map(({ code, line, column, message }) =>
    ({
      range: lineFrom({ line, column }), severity: severities.get(severityOf(code)) ?? 4, code, source: 'lsm', message,
    }))

/** A mistake that the compiler found in a module: at the call in the open file, with the place in an interface. */
export const compileDiagnostic = (
  problem: SourceError | SourceWarning, path: string, isFileHere: (file: string) => boolean,
): object => {
  const isError = problem instanceof SourceError
  const chain = isError ? problem.chain : []
  const message = isError ? problem.summary : problem.message
  const places = [
    ...problem.place === null ? [] : [{ message, place: problem.place }], ...chain,
  ]
  const here = places.find(({ place }) => place.file === path)?.place ?? { line: 1, column: 1 }
  const related = places.filter(({ place }) => place.file !== path && isFileHere(place.file)).map((one) =>
    ({ location: { uri: pathToFileURL(one.place.file).href, range: lineFrom(one.place) }, message: one.message }))
  return {
    range: lineFrom(here), severity: isError ? 1 : 2, code: problem.code, source: 'lsm',
    message: isError && problem.hint !== null ? `${message} (${problem.hint})` : message,
    ...(related.length === 0 ? {} : { relatedInformation: related }),
  }
}

/** To the end of the line. A line and a column of ours count from 1. */
const lineFrom = ({ line, column }: { readonly line: number; readonly column: number }): object =>
  ({ start: { line: line - 1, character: column - 1 }, end: { line, character: 0 } })

export const offsetOf = (text: string, { line, character }: Position): number => {
  let at = 0
  for (let i = 0; i < line; i++) {
    const next = text.indexOf('\n', at)
    if (next < 0) return text.length
    at = next + 1
  }
  const end = text.indexOf('\n', at)
  return Math.min(at + character, end < 0 ? text.length : end)
}

const positionOf = (text: string, offset: number): Position => {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length - 1, character: offset - before.lastIndexOf('\n') - 1 }
}

export const rangeOf = (text: string, start: number, end: number): { start: Position; end: Position } =>
  ({ start: positionOf(text, start), end: positionOf(text, end) })

const symbolKinds: Readonly<Record<SourceSymbol['kind'], number>> = {
  module: 2, interface: 11, template: 12, type: 5, attribute: 10, role: 23, boolean: 17, macro: 14,
}

export const symbolOf = (text: string, { name, kind, start, end, whole }: SourceSymbol): object => ({
  name, kind: symbolKinds[kind], detail: kind, range: rangeOf(text, ...whole),
  selectionRange: rangeOf(text, start, end),
})

const completionKinds: Readonly<Record<Completion['kind'], number>> = {
  interface: 3, template: 3, macro: 21, type: 7, attribute: 8, role: 20, boolean: 6, module: 9, class: 22,
  permission: 20, keyword: 14,
}

export const completionOf = ({ name, kind, detail, documentation }: Completion): object => ({
  label: name, kind: completionKinds[kind], detail,
  ...(documentation === '' ? {} : { documentation: { kind: 'markdown', value: documentation } }),
})
