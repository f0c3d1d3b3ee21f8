/** SARIF 2.1.0 (OASIS), as code scanning services take it. Relative paths count from the root of the sources. */
import type { Fix, Location, Log, ReportingDescriptor, Result } from 'sarif'
import { printableJson } from '@lsmkit/abi'
import { fileOf, isGiven, lineOf } from './report.ts'
import type { Check, Finding, Report } from './report.ts'

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'
/** The root of the sources, as readers of SARIF call it. */
const ROOT = '%SRCROOT%'

/** A path as a URI: `C:\a b` and `/a b` become file URIs, what is relative stays relative. */
const artifact = (path: string): { uri: string; uriBaseId?: string } => {
  const slashes = path.replaceAll('\\', '/').replace(/\p{Surrogate}/gu, '\u{fffd}')
  const drive = /^[A-Za-z]:\//.test(slashes)
  const encoded = slashes.split('/').map((part, i) => (drive && i === 0 ? part : encodeURIComponent(part))).join('/')
  if (drive) return { uri: `file:///${encoded}` }
  return slashes.startsWith('/') ? { uri: `file://${encoded}` } : { uri: encoded.replace(/^(\.\/)+/, ''), uriBaseId: ROOT }
}

const locationOf = (finding: Finding, check: Check): Location[] => {
  const file = fileOf(finding, check)
  if (file === null) return []
  const line = lineOf(finding, check)
  const region = line === null ? {} : {
    region: { startLine: line, ...(isGiven(finding.column) ? { startColumn: finding.column } : {}) },
  }
  return [{ physicalLocation: { artifactLocation: artifact(file), ...region } }]
}

const fixOf = (finding: Finding, check: Check): Fix[] => {
  const { fix, replacement } = finding
  const file = fileOf(finding, check)
  if (file === null || !isGiven(replacement)) return []
  const { line, column, endLine, endColumn, text } = replacement
  const deletedRegion = { startLine: line, startColumn: column, endLine, endColumn }
  const changes = [{
    artifactLocation: artifact(file), replacements: [{ deletedRegion, insertedContent: { text } }],
  }]
  return [{ ...(isGiven(fix) ? { description: { text: fix } } : {}), artifactChanges: changes }]
}

/** The message alone where nobody can mend it; else with what would, since few readers show fixes. */
const messageOf = ({ message, fix }: Finding): string =>
  isGiven(fix) ? `${message} (${fix})` : message

const resultOf = (finding: Finding, check: Check, ruleIndex: number): Result => {
  const fixes = fixOf(finding, check)
  return {
    ruleId: finding.rule,
    ruleIndex,
    level: finding.level,
    message: { text: messageOf(finding) },
    locations: locationOf(finding, check),
    ...(fixes.length === 0 ? {} : { fixes }),
    properties: { check: check.name, ...finding.properties },
  }
}

export const sarifLog = ({ tool, command, checks, rules = {} }: Report): Log => {
  const found = checks.flatMap(({ findings }) => findings.map(({ rule }) => rule))
  const ids = [...new Set([...Object.keys(rules), ...found])]
  const descriptors = ids.map((id): ReportingDescriptor =>
    ({ id, shortDescription: { text: rules[id] ?? id }, ...(tool.url === undefined ? {} : { helpUri: tool.url }) }))
  const indexes = new Map(ids.map((id, i) => [id, i]))
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [{
      tool: {
        driver: {
          name: tool.name,
          version: tool.version,
          ...(tool.url === undefined ? {} : { informationUri: tool.url }),
          rules: descriptors,
        },
      },
      automationDetails: { id: `${tool.name}/${command.replaceAll(' ', '-')}/` },
      columnKind: 'utf16CodeUnits',
      results: checks.flatMap((check) =>
        check.findings.map((finding) => resultOf(finding, check, indexes.get(finding.rule)!))),
    }],
  }
}

export const sarif = (report: Report): string => `${printableJson(JSON.stringify(sarifLog(report), null, 2))}\n`
