/** Where a rule file speaks of a pair of labels: to point at the line behind a decision. */
import { parseLabel } from '../label.ts'
import { lineFault } from './line-fault.ts'
import { LineReader } from './line-reader.ts'

/** Lines from 1, in the file's order: the last one that sets the pair and those behind it are what holds. */
export const ruleLines = (text: string, subject: string, object: string): number[] => {
  const lines: number[] = []
  const reader = new LineReader(text)
  while (reader.next()) {
    if (lineFault(text, reader) !== null) continue
    if (parseLabel(reader.field(0)) !== subject || parseLabel(reader.field(1)) !== object) continue
    if (reader.count === 3) lines.length = 0
    lines.push(reader.line)
  }
  return lines
}
