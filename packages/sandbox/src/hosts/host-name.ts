/** Names of hosts in the one notation that they are compared in: ASCII, lower case, without the dot at the end. */

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/
/** What a URL would read as something other than a host. */
const NEVER = /[\0-\x20"#%/:<>?@[\\\]^`{|}\x7f]/
const LONGEST = 253

/** The URL standard takes a name with such an end for an address (`0x7f.1`, `10.1`), and so do many resolvers. */
const endsInNumber = (name: string): boolean => /(^|\.)(\d+|0x[0-9a-f]*)$/.test(name)

const toAscii = (text: string): string | null => {
  try {
    return new URL(`http://${text}/`).hostname
  } catch {
    return null
  }
}

/**
 * The name as it is compared; null for other texts, as `0x7f.1`, `1.2.3.4`, `a..b`. Names of other
 * scripts get their form in ASCII (UTS 46, as URLs have it).
 */
export const hostName = (text: string): string | null => {
  if (text.length === 0 || text.length > 4 * LONGEST || NEVER.test(text)) return null
  const ascii = /^[\x21-\x7e]+$/.test(text) && !/(^|\.)xn--/i.test(text) ? text.toLowerCase() : toAscii(text)
  if (ascii === null) return null
  const name = ascii.endsWith('.') ? ascii.slice(0, -1) : ascii
  if (name.length > LONGEST || endsInNumber(name)) return null
  return name.split('.').every((label) => LABEL.test(label)) ? name : null
}
