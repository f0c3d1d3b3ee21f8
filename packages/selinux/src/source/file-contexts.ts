/** `.fc` files: the form of their lines. */
import type { Origin } from './origin.ts'

/** A path, perhaps a kind of file, and a context or `<<none>>`. */
const entry = /^(\S+)\s+(?:(-[-bcdpls])\s+)?(\S+)$/
const context = /^[^\s:]+:[^\s:]+:[^\s:]+(?::\S+)?$/

/** Throws SourceError for a line that labels nothing. */
export const checkFileContexts = (origin: Origin): void => {
  const { text } = origin.text
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from)
    const to = end < 0 ? text.length : end
    checkLine(origin, text.slice(from, to), from)
    from = to + 1
  }
}

const checkLine = (origin: Origin, written: string, from: number): void => {
  const line = written.trim()
  if (line === '' || line.startsWith('#')) return
  const at = from + written.indexOf(line)
  const [, , , label] = entry.exec(line) ?? []
  if (label === undefined) {
    const call = /^([A-Za-z_]\w*)\(/.exec(line)?.[1]
    if (call !== undefined) origin.fail('unknown-macro', `no macro is named \`${call}\``, at)
    return origin.fail('bad-syntax', 'this is not a file context', at,
      { hint: 'a path, perhaps `--`, `-d`, `-c`, `-b`, `-s`, `-p` or `-l`, and a context or `<<none>>`' })
  }
  if (label === '<<none>>' || context.test(label)) return
  const place = at + line.lastIndexOf(label)
  const call = /^([A-Za-z_]\w*)\(/.exec(label)?.[1]
  if (call !== undefined) origin.fail('unknown-macro', `no macro is named \`${call}\``, place)
  origin.fail('bad-syntax', `\`${label}\` is not a context`, place, { hint: 'user:role:type, and :level with MLS' })
}
