/** Writes rules out as text that a real kernel's load2 takes. */
import { modesText } from '../modes.ts'
import type { Policy } from '../policy.ts'

/**
 * Every rule that has modes, by subject, oldest first: written to an empty system in this order they are listed in the
 * order they have here.
 */
export const exportRules = ({ labels, rules }: Policy): string => {
  const lines: string[] = []
  for (const subject of [...labels.newestFirst()].reverse()) {
    const own: string[] = []
    rules.eachOf(subject, (_subject, object, modes) => {
      if (modes !== 0) own.push(`${labels.text(subject)} ${labels.text(object)} ${modesText(modes)}\n`)
    })
    lines.push(...own.reverse())
  }
  return lines.join('')
}

/** The bytes one write(2) can take: a page less one. */
const WRITE_LIMIT = 4095

/** Cuts exported text into writes: each ends with a line, and none is so long that the kernel would cut it. */
export const load2Writes = (text: string): string[] => {
  const writes: string[] = []
  let pending = ''
  for (const line of text.split(/(?<=\n)/)) {
    if (pending.length + line.length > WRITE_LIMIT) {
      writes.push(pending)
      pending = ''
    }
    pending += line
  }
  return pending === '' ? writes : [...writes, pending]
}
