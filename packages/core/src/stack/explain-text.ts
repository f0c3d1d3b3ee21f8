/** `String(stack.explain())`: for a terminal of 80 columns. */
import { oneLine } from '@lsmkit/abi'
import type { BlobPart, ExplanationData, LsmExplanation } from './explanation-data.ts'

const COLUMNS = 80

export const explanationText = (data: ExplanationData): string => {
  const sections = [
    `${wrap(`order: ${data.order.join(', ')}`)}\n${wrap(listText(data))}`,
    table(data.lsms.map((lsm) => [lsm.name, String(lsm.id), stateOf(lsm), lsm.why])),
    `${data.hooks.length} of ${data.hookCount} hooks in use`,
    table(data.hooks.map((one) => [one.hook, one.members.join(', '), [one.form, ...one.around].join(', ')])),
    table(data.blobs.map((blob) => [blob.kind, `${blob.total} bytes`, blob.places.map(placeText).join(', ')])),
    data.xattrSlots === 0 ? '' : `room for ${data.xattrSlots} attributes on a new inode`,
    `dispatch: ${data.dispatch.strategy} (${data.dispatch.why})`,
    data.warnings.map((warning) => wrap(`warning: ${warning}`)).join('\n'),
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}

const stateOf = ({ enabled, permissive }: LsmExplanation): string =>
  !enabled ? 'disabled' : permissive ? 'PERMISSIVE' : 'enabled'

const listText = ({ configLsm, lsmParam, securityParam }: ExplanationData): string =>
  [
    lsmParam === null ? `CONFIG_LSM=${configLsm}` : `lsm=${lsmParam}`,
    securityParam === null ? [] : [`security=${securityParam}`],
  ].flat().join(' ')

const placeText = ({ lsm, offset, size, slot }: BlobPart): string =>
  `${lsm} ${size} at ${offset} (${slot === null ? 'alone' : `s${slot}`})`

/** Rows with their columns aligned; one that is too long goes on below its second column. */
const table = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (row: readonly string[]): string => row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ').trimEnd()
  return rows.map((row) => wrap(line(row), (widths[0] ?? 0) + 2)).join('\n')
}

/** Breaks a line behind blanks and commas; what follows is indented. */
const wrap = (text: string, indent = 2): string => {
  const line = oneLine(text, Infinity)
  const lines: string[] = []
  let open = ''
  for (const word of line.match(/[^ ,]*[ ,]*/g) ?? []) {
    if (open.trim() !== '' && (open + word).trimEnd().length > COLUMNS) {
      lines.push(open.trimEnd())
      open = ' '.repeat(indent)
    }
    open += word
  }
  return [...lines, open.trimEnd()].join('\n')
}
