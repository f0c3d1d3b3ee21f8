/** The report of a run: a line a fuzzer, a paragraph a finding, and the figures. */
import { kinds } from './fuzzer.ts'
import type { Finding, FuzzResult } from './run-fuzzer.ts'

const counts = (findings: readonly Finding[]): string =>
  kinds.map((kind) => `${findings.filter((one) => one.kind === kind).length} ${kind}`).join(', ')

const indented = (text: string): string => text.trimEnd().replaceAll('\n', '\n    ')

export const fuzzerLine = ({ name, inputs, findings, seconds }: FuzzResult): string =>
  `${name.padEnd(16)} ${String(inputs).padStart(10)} inputs, ${counts(findings)}, ${seconds.toFixed(1)} s`

/** `again` is how the input is tried again; `kept` the file that it was kept in. */
export const findingText = (finding: Finding, again: string, kept: string | null): string => {
  const lines = [`  ${finding.kind}: ${indented(finding.detail)}`, `    again: ${again}`]
  if (kept !== null) lines.push(`    input: ${kept}`)
  return lines.join('\n')
}

export const sumLine = (results: readonly FuzzResult[], seed: number, seconds: number): string => {
  const inputs = results.reduce((sum, result) => sum + result.inputs, 0)
  const findings = results.flatMap((result) => result.findings)
  return `${inputs} inputs, ${findings.length} findings (${counts(findings)}), seed ${seed}, ${seconds.toFixed(0)} s`
}
