/** Names with a namespace in front: `:ns:profile` and `:ns://profile` (`aa_splitn_fqname`). */

/** The kernel's isspace, of bytes: among them the space of Latin-1 that does not break. */
const SPACES = /^[\t-\r \udca0]+/

export const skipSpaces = (text: string): string => text.replace(SPACES, '')

export interface SplitName {
  /** Null where the name says no namespace. */
  readonly namespace: string | null
  /** Null where there is a namespace alone, or nothing. */
  readonly name: string | null
}

const orNull = (text: string): string | null => (text === '' ? null : text)

export const splitName = (fqname: string): SplitName => {
  const text = skipSpaces(fqname)
  if (!text.startsWith(':')) return { namespace: null, name: orNull(text) }
  const behind = text.slice(1)
  if (skipSpaces(behind) === '') return { namespace: null, name: null }
  const end = behind.indexOf(':')
  if (end < 0) return { namespace: skipSpaces(behind), name: null }
  const rest = behind.slice(end + 1)
  const name = skipSpaces(rest.startsWith('//') ? rest.slice(2) : rest)
  return { namespace: orNull(skipSpaces(behind.slice(0, end))), name: orNull(name) }
}
