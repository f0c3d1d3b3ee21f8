/** Descriptions of selinux-ops.tsv as clauses: `socket(tcp), bind(127.0.0.1:5558): port type hp_t` are two calls. */

export interface Clause {
  /** A call's name, or all of it where it is no call. */
  readonly name: string
  /** null: no call, or one without brackets. */
  readonly args: readonly string[] | null
  /** What stands behind the call: `of e_t`. */
  readonly note: string
  readonly text: string
}

/** Parts between separators that stand outside of brackets and quotes. */
export const split = (text: string, separator: RegExp): string[] => {
  const parts: string[] = []
  let depth = 0
  let quoted = false
  let from = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (char === '"') quoted = !quoted
    else if (quoted) continue
    else if ('([{'.includes(char)) depth++
    else if (')]}'.includes(char)) depth--
    const found = depth === 0 ? separator.exec(text.slice(at))?.[0] : undefined
    if (found === undefined) continue
    parts.push(text.slice(from, at))
    from = at + found.length
    at = from - 1
  }
  return [...parts, text.slice(from)].map((part) => part.trim()).filter((part) => part !== '')
}

const CALL = /^([\w/]+)\((.*?)\)(?: (.*))?$/s

const clauseOf = (whole: string): Clause => {
  const text = whole.replace(/^own /, '')
  // the call's own bracket is the one that closes last before a note in words
  const [, name, inner, note = ''] = /^([\w/]+)\((.*)\)(?: ([^()]*))?$/s.exec(text) ?? CALL.exec(text) ?? []
  if (name !== undefined) return { name, args: split(inner!, /^,\s*/), note, text }
  const [word = '', ...rest] = text.split(' ')
  return { name: word, args: null, note: rest.join(' '), text }
}

/** Without the explanation behind a colon. */
export const withoutRemark = (description: string): string => split(description, /^: /)[0] ?? ''

export const clausesOf = (description: string): Clause[] => split(withoutRemark(description), /^, /).map(clauseOf)
