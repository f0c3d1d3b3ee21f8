/** Files of denials that have another label than file_contexts gives their path: restorecon comes before any rule. */
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG, S_IFSOCK } from '@lsmkit/abi'
import { explainAccess } from '../query/access.ts'
import { QueryError } from '../query/errors.ts'
import type { TeRules } from '../query/te-rules.ts'
import { FileContextsError } from '../server/file-contexts/errors.ts'
import type { FileContexts } from '../server/file-contexts/file-contexts.ts'
import type { SecurityServer } from '../server/security-server.ts'
import type { Denial } from './avc-line.ts'

/** A file whose type is not the one that file_contexts gives its path. */
export interface WrongLabel {
  readonly path: string
  readonly tclass: string
  /** The type that the log shows. */
  readonly type: string
  /** The type that restorecon sets. */
  readonly expected: string
  readonly seen: number
  /** The first line of the log that mentions it. */
  readonly line: number
  /** Does the policy allow all of these accesses with the expected type? Null where no policy answers. */
  readonly isEnough: boolean | null
}

/** The policy that answers whether a label is enough, and the labels. */
export interface LabelSources {
  readonly policy?: TeRules
  readonly server?: SecurityServer
  readonly fileContexts?: FileContexts
}

/** Classes of files that have a label of their own, and the type bits of their mode. */
const MODES: ReadonlyMap<string, number> = new Map([
  ['file', S_IFREG], ['dir', S_IFDIR], ['lnk_file', S_IFLNK], ['chr_file', S_IFCHR], ['blk_file', S_IFBLK],
  ['fifo_file', S_IFIFO], ['sock_file', S_IFSOCK],
])

const keyOf = (object: string, tclass: string, type: string): string => `${tclass} ${type} ${object}`

/** The wrong labels of a log: denials with a whole path (`path=`) alone can be compared. Sorted by path. */
export const wrongLabels = (denials: readonly Denial[], sources: LabelSources): WrongLabel[] => {
  const { fileContexts } = sources
  if (fileContexts === undefined) return []
  const groups = new Map<string, Denial[]>()
  for (const denial of denials) {
    const { object, tclass, target } = denial
    if (object?.startsWith('/') !== true || !MODES.has(tclass)) continue
    const key = keyOf(object, tclass, target)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [denial])
    else group.push(denial)
  }
  const found = [...groups.values()].flatMap((group) => {
    const [{ object, tclass, target: type, line }] = group as [Denial, ...Denial[]]
    const expected = expectedType(fileContexts, object!, MODES.get(tclass)!)
    if (expected === null || expected === type) return []
    const isEnough = areAllowed(group, expected, sources)
    return [{ path: object!, tclass, type, expected, seen: group.length, line, isEnough }]
  })
  return found.sort((a, b) => a.path < b.path ? -1 : Number(a.path > b.path))
}

/** Denials that the policy would have let pass if the file had its label. */
export const answeredByLabels = (labels: readonly WrongLabel[]): (denial: Denial) => boolean => {
  const keys = new Set(labels.filter(({ isEnough }) => isEnough === true)
    .map(({ path, tclass, type }) => keyOf(path, tclass, type)))
  return ({ object, tclass, target }) => keys.has(keyOf(object ?? '', tclass, target))
}

/** Null of `<<none>>`, of a path that no line matches, and of one that is too long for a pattern. */
const expectedType = (fileContexts: FileContexts, path: string, mode: number): string | null => {
  try {
    return fileContexts.lookup(path, mode)?.split(':')[2] ?? null
  } catch (error) {
    if (error instanceof FileContextsError) return null
    throw error
  }
}

/** As restorecon changes it: the type alone. */
const retyped = (context: string, type: string): string => context.split(':').with(2, type).join(':')

const areAllowed = (denials: readonly Denial[], type: string, { policy, server }: LabelSources): boolean | null => {
  if (policy === undefined || server === undefined) return null
  const asked = new Map(denials.map((denial) =>
    [`${denial.scontext} ${denial.tcontext} ${denial.permissions.join()}`, denial]))
  try {
    return [...asked.values()].every(({ scontext, tcontext, tclass, permissions, unnamed }) =>
      unnamed.length === 0 &&
        explainAccess(server, policy, scontext, retyped(tcontext, type), tclass, permissions)
          .permissions.every(({ allowed }) => allowed))
  } catch (error) {
    if (error instanceof QueryError) return null
    throw error
  }
}

/** A path of a log as a word of a shell; what would end the line is a question mark. */
const word = (path: string): string => {
  const shown = path.replace(/[^\x20-\x7e]/g, '?')
  return /^[\w./@%+=:,-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`
}

const OUTCOMES = new Map<boolean | null, string>([
  [true, 'then no rule is needed'], [false, 'then it needs other rules'], [null, 'then try again'],
])

/** One line each, for the top of what is learned. */
export const wrongLabelLines = (labels: readonly WrongLabel[]): string[] =>
  labels.map(({ path, type, expected, isEnough }) =>
    `label first: restorecon -v ${word(path)}: it is ${type}, file_contexts gives ${expected}; ` +
      OUTCOMES.get(isEnough)!)

const MOST_SHOWN = 3

/** The same as advice beside the rule that these denials ask for. */
export const relabelAdvice = (labels: readonly WrongLabel[], denials: readonly Denial[]): string[] => {
  const own = new Set(denials.map(({ object, tclass, target }) => keyOf(object ?? '', tclass, target)))
  return labels.filter(({ path, tclass, type }) => own.has(keyOf(path, tclass, type))).slice(0, MOST_SHOWN)
    .map(({ path, expected }) => `restorecon -v ${word(path)}: it should be ${expected}`)
}
