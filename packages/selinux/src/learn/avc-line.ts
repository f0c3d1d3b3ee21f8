/** Denials in a log: the kernel's and userspace's AVC records, wherever they stand in a line. */

/** One denial. */
export interface Denial {
  readonly permissions: readonly string[]
  readonly source: string
  readonly target: string
  readonly tclass: string
  /** It was only logged. */
  readonly permissive: boolean
  readonly comm: string | null
  /** `path=`, else `name=`. */
  readonly object: string | null
  /** `ioctlcmd=` of an ioctl. */
  readonly ioctl: number | null
  /** Line of the log, from 1 on. */
  readonly line: number
}

const DENIED = /avc:\s+denied\s+\{ ([^}]*) \}/

/** A quoted text, or one in hex digits because it holds what may not be quoted. */
const untrusted = (written: string | undefined): string | null => {
  if (written === undefined || written === '(null)') return null
  if (written.startsWith('"')) return written.slice(1, -1)
  if (!/^([\dA-F]{2})+$/.test(written)) return written
  const bytes = Uint8Array.from(written.match(/../g)!, (digits) => Number.parseInt(digits, 16))
  return new TextDecoder().decode(bytes).replaceAll('\0', ' ')
}

/** Logs are written by others: what is no name, or a word of CIL, would make another rule of it. */
const isName = (text: string): boolean =>
  /^[A-Za-z_][\w.$@-]*$/.test(text) && !/^(all|and|or|xor|not|self|notself|other)$/.test(text)

const COMMAND = /^(?:0x)?([\da-f]{1,4})$/i

const typeOf = (context: string): string => context.split(':')[2] ?? ''

/** All denials of a log; lines that tell of none are passed over. */
export const readDenials = (log: string): Denial[] => {
  const denials: Denial[] = []
  for (const [i, line] of log.split('\n').entries()) {
    const [head, permissions] = DENIED.exec(line) ?? []
    if (head === undefined) continue
    const rest = line.slice(line.indexOf(head) + head.length)
    const fields = new Map([...rest.matchAll(/(\w+)=("[^"]*"|[^\s'"]+)/g)].map(([, name, value]) => [name!, value!]))
    const [source, target, tclass] = ['scontext', 'tcontext', 'tclass']
      .map((name) => fields.get(name) ?? '') as [string, string, string]
    const asked = permissions!.trim().split(/\s+/)
    if (![typeOf(source), typeOf(target), tclass, ...asked].every(isName)) continue
    const ioctl = asked.includes('ioctl') ? COMMAND.exec(fields.get('ioctlcmd') ?? '') : null
    denials.push({
      permissions: asked, source: typeOf(source), target: typeOf(target), tclass,
      permissive: fields.get('permissive') === '1', comm: untrusted(fields.get('comm')),
      object: untrusted(fields.get('path')) ?? untrusted(fields.get('name')),
      ioctl: ioctl === null ? null : Number.parseInt(ioctl[1]!, 16), line: i + 1,
    })
  }
  return denials
}
