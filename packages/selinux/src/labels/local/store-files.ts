/** The `*.local` files of a policy store, and seusers.local: what `semanage` has written. */
import { LabelsError } from '../errors.ts'
import { parseSeusers, parseUsersExtra } from '../accounts.ts'
import { meaningfulLines } from '../lines.ts'
import type { TextLine } from '../lines.ts'
import type { LocalChanges} from './changes.ts'
import { fileContextKey, nodeKey, portKey } from './changes.ts'
import { addressOf, booleanOf, fileKindOf, portsOf, protocolOf } from './values.ts'

type Take = (changes: LocalChanges, text: string, file: string) => void

const matched = ({ text, place }: TextLine, pattern: RegExp, form: string): string[] => {
  const found = pattern.exec(text)
  if (found !== null) return found.slice(1).map((part: string | undefined) => part ?? '')
  throw new LabelsError('bad-line', `\`${text}\` is not a line of this file`, place, form)
}

/** A line of a file by its own, with its place kept for errors of the policy. */
const lineByLine = (take: (changes: LocalChanges, line: TextLine) => string): Take => (changes, text, file) => {
  for (const line of meaningfulLines(text, file)) changes.places.set(take(changes, line), line.place)
}

const CONTEXT = String.raw`(\S+(?:\s*-\s*\S+)?)`
const unspaced = (context: string): string => context.replace(/\s/g, '')

const booleanPattern = /^(\S+?)\s*=\s*(\S+)$/
const portPattern = new RegExp(String.raw`^portcon\s+(\S+)\s+(\d+(?:\s*-\s*\d+)?)\s+${CONTEXT}$`)
const nodePattern = new RegExp(String.raw`^nodecon\s+(?:ipv4|ipv6)\s+(\S+)\s+(\S+)\s+${CONTEXT}$`)
const interfacePattern = /^netifcon\s+(\S+)\s+(\S+)\s+(\S+)$/
const ROLES = String.raw`(?:\{([^}]*)\}|(\S+?))`
const RANGES = String.raw`(?:level\s+(\S+)\s+range\s+([^;\s]+(?:\s*-\s*[^;\s]+)?))?`
const userPattern = new RegExp(String.raw`^user\s+(\S+)\s+roles\s+${ROLES}\s*${RANGES}\s*;?$`)
const fileContextPattern = new RegExp(String.raw`^(\S+)\s+(?:(-[-bcdlps])\s+)?${CONTEXT}$`)

const takeBoolean = lineByLine((changes, line) => {
  const [name = '', value = ''] = matched(line, booleanPattern, 'NAME=1')
  changes.booleans.set(name, booleanOf(value, line.place))
  return `boolean ${name}`
})

const takePort = lineByLine((changes, line) => {
  const [protocol = '', ports = '', context = ''] = matched(line, portPattern, 'portcon PROTOCOL PORT CONTEXT')
  const port = {
    protocol: protocolOf(protocol, line.place), ...portsOf(ports, line.place), context: unspaced(context),
  }
  changes.ports.set(portKey(port), port)
  return `port ${portKey(port)}`
})

const takeNode = lineByLine((changes, line) => {
  const [address = '', mask = '', context = ''] =
    matched(line, nodePattern, 'nodecon ipv4|ipv6 ADDRESS MASK CONTEXT')
  const node = { ...addressOf(address, mask, line.place), context: unspaced(context) }
  changes.nodes.set(nodeKey(node), node)
  return `node ${nodeKey(node)}`
})

const takeInterface = lineByLine((changes, line) => {
  const [name = '', context = '', packetContext = ''] =
    matched(line, interfacePattern, 'netifcon NAME CONTEXT PACKET_CONTEXT')
  changes.interfaces.set(name, { name, context, packetContext })
  return `interface ${name}`
})

const takeUser = lineByLine((changes, line) => {
  const [name = '', roles = '', role = '', level = '', range = ''] =
    matched(line, userPattern, 'user NAME roles { ROLE… } level LEVEL range RANGE;')
  changes.users.set(name, {
    name,
    roles: (roles + role).trim().split(/\s+/).filter((each) => each !== ''),
    level: level === '' ? null : level,
    range: range === '' ? null : unspaced(range),
  })
  return `user ${name}`
})

const takeFileContext = lineByLine((changes, line) => {
  const [pattern = '', kind = '', context = ''] = matched(line, fileContextPattern, 'PATTERN [-KIND] CONTEXT')
  const item = {
    pattern, kind: fileKindOf(kind, line.place), context: context === '<<none>>' ? null : unspaced(context),
  }
  changes.fileContexts.set(fileContextKey(item), item)
  return `fcontext ${fileContextKey(item)}`
})

const takeEquivalence = lineByLine((changes, line) => {
  const [from = '', to = ''] = matched(line, /^(\S+)\s+(\S+)$/, '/ALIAS /ORIGINAL')
  changes.equivalences.set(from, { from, to })
  return `equivalence ${from}`
})

const takeLogins: Take = (changes, text, file) => {
  for (const mapping of parseSeusers(text, file)) changes.logins.set(mapping.login, mapping)
}

const takePrefixes: Take = (changes, text, file) => {
  for (const [name, prefix] of parseUsersExtra(text, file)) changes.prefixes.set(name, prefix)
}

/** By the name that the file has in a store. */
const takers: ReadonlyMap<string, Take> = new Map<string, Take>([
  ['booleans.local', takeBoolean], ['ports.local', takePort], ['nodes.local', takeNode],
  ['interfaces.local', takeInterface], ['users.local', takeUser], ['users_extra.local', takePrefixes],
  ['seusers.local', takeLogins], ['file_contexts.local', takeFileContext], ['file_contexts.subs', takeEquivalence],
])

/** Names of the files that `takeStoreFile` reads. */
export const storeFileNames: readonly string[] = [...takers.keys()]

/**
 * Adds what a file of a store has to the changes. `name` is its name there, `file` how errors call it. False for a name
 * that is not in `storeFileNames`; throws LabelsError for a line.
 */
export const takeStoreFile = (changes: LocalChanges, name: string, text: string, file = name): boolean => {
  const take = takers.get(name)
  take?.(changes, text, file)
  return take !== undefined
}
