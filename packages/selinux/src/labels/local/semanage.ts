/**
 * Local changes as text that people keep: lines of `semanage export`, which are the arguments of semanage(8). Each is
 * applied to what the lines before it have said.
 */
import { didYouMean } from '@lsmkit/core/did-you-mean'
import { LabelsError } from '../errors.ts'
import { meaningfulLines, shellWords } from '../lines.ts'
import { fileContextKey, nodeKey, portKey } from './changes.ts'
import type { LocalChanges } from './changes.ts'
import { optionsOf } from './semanage-options.ts'
import type { Options } from './semanage-options.ts'
import { addressOf, booleanOf, fileKindOf, portsOf, protocolOf } from './values.ts'

interface Request extends Options {
  readonly place: string
  /** The one name of the record. */
  readonly name: string
}

interface RecordKind {
  readonly takes: readonly string[]
  /** Sets or takes away one record; what it returns is its key. */
  readonly take: (changes: LocalChanges, request: Request) => string
  /** Takes all away. */
  readonly clear: (changes: LocalChanges) => void
}

const needed = ({ values, place }: Request, name: string): string => {
  const value = values.get(name)
  if (value !== undefined && value !== '') return value
  throw new LabelsError('bad-line', `the record has no ${name}`, place)
}

/** The context that semanage makes of a type and a range. */
const contextOf = (request: Request): string => {
  const range = request.values.get('range') ?? ''
  const user = request.values.get('seuser') ?? ''
  return `${user === '' ? 'system_u' : user}:object_r:${needed(request, 'type')}${range === '' ? '' : `:${range}`}`
}

const setOrDelete = <T>(table: Map<string, T>, key: string, { action, place }: Request, make: () => T): string => {
  if (action !== 'delete') table.set(key, make())
  else if (!table.delete(key)) throw new LabelsError('unknown-name', `there is no \`${key}\` to delete`, place)
  return key
}

const takeFileContext = (changes: LocalChanges, request: Request): string => {
  const { values, place, name } = request
  const equal = values.get('equal')
  if (equal !== undefined) {
    return setOrDelete(changes.equivalences, name, request, () => ({ from: name, to: equal }))
  }
  if (/\s/.test(name)) {
    throw new LabelsError('bad-line', `\`${name}\` has a blank in it`, place, 'a blank ends a pattern: write \\s')
  }
  const kind = fileKindOf(values.get('ftype') ?? 'a', place)
  const item = { pattern: name, kind }
  if (request.action === 'delete' && changes.equivalences.delete(name)) return name
  return setOrDelete(changes.fileContexts, fileContextKey(item), request, () => ({
    ...item, context: needed(request, 'type') === '<<none>>' ? null : contextOf(request),
  }))
}

const takeUser = (changes: LocalChanges, request: Request): string => {
  const { values, name } = request
  const prefix = values.get('prefix')
  if (request.action === 'delete') changes.prefixes.delete(name)
  else if (prefix !== undefined) changes.prefixes.set(name, prefix)
  return setOrDelete(changes.users, name, request, () => ({
    name,
    roles: needed(request, 'roles').split(/[\s,]+/).filter((role) => role !== ''),
    level: values.get('level') ?? null,
    range: values.get('range') ?? values.get('level') ?? null,
  }))
}

/** By the word a line begins with. */
const kinds: ReadonlyMap<string, RecordKind> = new Map<string, RecordKind>([
  ['fcontext', {
    takes: ['type', 'range', 'seuser', 'ftype', 'equal'],
    take: takeFileContext,
    clear: (changes) => [changes.fileContexts, changes.equivalences].forEach((table) => table.clear()),
  }],
  ['boolean', {
    takes: ['state'],
    take: (changes, request) => setOrDelete(changes.booleans, request.name, request, () =>
      booleanOf(needed(request, 'state'), request.place)),
    clear: ({ booleans }) => booleans.clear(),
  }],
  ['port', {
    takes: ['type', 'range', 'proto'],
    take: (changes, request) => {
      const range = {
        protocol: protocolOf(needed(request, 'proto'), request.place), ...portsOf(request.name, request.place),
      }
      return setOrDelete(changes.ports, portKey(range), request, () => ({ ...range, context: contextOf(request) }))
    },
    clear: ({ ports }) => ports.clear(),
  }],
  ['node', {
    takes: ['type', 'range', 'proto', 'netmask'],
    take: (changes, request) => {
      const node = addressOf(request.name, request.values.get('netmask') ?? '', request.place)
      return setOrDelete(changes.nodes, nodeKey(node), request, () => ({ ...node, context: contextOf(request) }))
    },
    clear: ({ nodes }) => nodes.clear(),
  }],
  ['interface', {
    takes: ['type', 'range'],
    take: (changes, request) => setOrDelete(changes.interfaces, request.name, request, () => {
      const context = contextOf(request)
      return { name: request.name, context, packetContext: context }
    }),
    clear: ({ interfaces }) => interfaces.clear(),
  }],
  ['login', {
    takes: ['seuser', 'range'],
    take: (changes, request) => setOrDelete(changes.logins, request.name, request, () => ({
      login: request.name, seuser: needed(request, 'seuser'), range: request.values.get('range') ?? null,
    })),
    clear: ({ logins }) => logins.clear(),
  }],
  ['user', {
    takes: ['roles', 'level', 'range', 'prefix'],
    take: takeUser,
    clear: ({ users, prefixes }) => [users, prefixes].forEach((table) => table.clear()),
  }],
  ['permissive', {
    takes: [],
    take: ({ permissive }, { action, name }) => {
      if (action === 'delete') permissive.delete(name)
      else permissive.add(name)
      return name
    },
    clear: ({ permissive }) => permissive.clear(),
  }],
])

/** Records of `semanage export` that say nothing about labels; `-D` of them, which an export begins with, is taken. */
const OTHERS = ['module', 'dontaudit', 'ibpkey', 'ibendport']

const kindOf = (word: string, place: string): RecordKind => {
  const kind = kinds.get(word)
  if (kind !== undefined) return kind
  if (OTHERS.includes(word)) {
    throw new LabelsError('unknown-record', `\`${word}\` is not a record that is applied to a policy`, place,
      `records: ${[...kinds.keys()].join(', ')}`)
  }
  throw new LabelsError('unknown-record', `\`${word}\` is not a record`, place,
    didYouMean(word, [...kinds.keys()]) ?? `records: ${[...kinds.keys()].join(', ')}`)
}

/** Adds what the lines say to `changes`. Throws LabelsError for a line; the lines before it stay applied. */
export const takeSemanage = (changes: LocalChanges, text: string, file = 'semanage'): void => {
  for (const line of meaningfulLines(text, file)) {
    const { place } = line
    const all = shellWords(line)
    const [word = '', ...words] = all[0] === 'semanage' ? all.slice(1) : all
    if (OTHERS.includes(word) && words.length === 1 && words[0] === '-D') continue
    const kind = kindOf(word, place)
    const options = optionsOf(words, kind.takes, place)
    if (options.action === 'deleteall') {
      kind.clear(changes)
      continue
    }
    const [name, ...more] = options.names
    if (name === undefined || more.length > 0) {
      const wrong = name === undefined ? 'the record has no name' : `\`${more[0]}\` is one name too many`
      throw new LabelsError('bad-line', wrong, place, 'quote a name with spaces')
    }
    changes.places.set(`${word} ${kind.take(changes, { ...options, place, name })}`, place)
  }
}
