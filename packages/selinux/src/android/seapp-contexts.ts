/** seapp_contexts: the domain of an app, the type of its files, and the categories of the app and its user. */
import { aBoolean, aString, checkOptions, required, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import { AndroidError, contextLines } from './errors.ts'
import type { ContextLine, ContextText } from './errors.ts'

export type LevelFrom = 'none' | 'app' | 'user' | 'all'

interface Named {
  readonly text: string
  readonly isPrefix: boolean
}

/** One line. A selector that is null fits any app. */
export interface SeappEntry {
  readonly isSystemServer: boolean
  readonly isEphemeralApp: boolean | null
  readonly user: Named | null
  readonly seinfo: string | null
  readonly name: Named | null
  readonly isPrivApp: boolean | null
  readonly minTargetSdkVersion: number
  readonly fromRunAs: boolean
  readonly isIsolatedComputeApp: boolean
  readonly isSdkSandboxNext: boolean
  readonly domain: string | null
  readonly type: string | null
  readonly level: string | null
  readonly levelFrom: LevelFrom
  readonly place: string
}

/** An app, as zygote and installd ask about it. */
export interface SeappQuestion {
  readonly uid: number
  readonly isSystemServer?: boolean
  /** `platform:privapp:targetSdkVersion=30` and so on. */
  readonly seinfo?: string
  readonly packageName?: string
  /** The name of a uid below 10000 (default: only `root`, `system`, `radio`, `shell` and a few more are known). */
  readonly userName?: string
}

const questionRules: OptionRules<SeappQuestion> = {
  uid: required(wholeNumber(0)), isSystemServer: aBoolean, seinfo: aString, packageName: aString, userName: aString,
}

export interface SeappAnswer {
  readonly type: string
  readonly level: string
  readonly entry: SeappEntry
}

const PER_USER = 100_000
const APP_START = 10_000
const SANDBOX_START = 20_000
const ISOLATED_START = 90_000
const MOST_ID = 0x10000
const MOST_SDK = 0x7fffffff

/** Names of system users that seapp_contexts of Android names. */
const systemUsers: ReadonlyMap<number, string> = new Map([
  [0, 'root'], [1000, 'system'], [1001, 'radio'], [1002, 'bluetooth'], [1010, 'wifi'], [1013, 'media'], [1017,
    'keystore'],
  [1027, 'nfc'], [1068, 'secure_element'], [1073, 'network_stack'], [1082, 'webview_zygote'], [2000, 'shell'],
])

const truth = (value: string, place: string): boolean => {
  const text = value.toLowerCase()
  if (text === 'true' || text === 'false') return text === 'true'
  throw new AndroidError('bad-selector', `\`${value}\` is neither true nor false`, place)
}

const named = (value: string): Named => ({ text: value.toLowerCase(), isPrefix: value.endsWith('*') })

const LEVELS: readonly LevelFrom[] = ['none', 'app', 'user', 'all']

const SELECTORS = [
  'isSystemServer', 'isEphemeralApp', 'user', 'seinfo', 'name', 'isPrivApp', 'minTargetSdkVersion', 'fromRunAs',
  'isIsolatedComputeApp', 'isSdkSandboxNext', 'domain', 'type', 'level', 'levelFrom', 'levelFromUid',
]
const byLowerName = new Map(SELECTORS.map((name) => [name.toLowerCase(), name]))

const valuesOf = ({ fields, place }: ContextLine): Map<string, string> => {
  const values = new Map<string, string>()
  for (const field of fields) {
    const equals = field.indexOf('=')
    const name = byLowerName.get(field.slice(0, equals).toLowerCase())
    if (equals < 0 || name === undefined) {
      throw new AndroidError('bad-selector', `\`${field}\` is not a selector`, place, SELECTORS.join(', '))
    }
    if (values.has(name)) throw new AndroidError('duplicate', `\`${name}\` is there twice`, place)
    values.set(name, field.slice(equals + 1))
  }
  return values
}

const levelFromOf = (values: ReadonlyMap<string, string>, place: string): LevelFrom => {
  const [from, uid] = [values.get('levelFrom')?.toLowerCase(), values.get('levelFromUid')]
  if (uid !== undefined) return truth(uid, place) ? 'app' : 'none'
  if (from === undefined) return 'none'
  const found = LEVELS.find((level) => level === from)
  if (found === undefined) throw new AndroidError('bad-selector', `\`${from}\` is not a levelFrom`, place,
    LEVELS.join(', '))
  return found
}

const entryOf = (line: ContextLine): SeappEntry => {
  const { place } = line
  const values = valuesOf(line)
  const flag = (name: string): boolean => truth(values.get(name) ?? 'false', place)
  const maybe = (name: string): boolean | null => values.has(name) ? flag(name) : null
  const text = (name: string): string | null => values.get(name) ?? null
  const sdk = values.get('minTargetSdkVersion') ?? '0'
  if (!/^\d{1,10}$/.test(sdk) || Number(sdk) > MOST_SDK) {
    throw new AndroidError('bad-selector', `\`${sdk}\` is not a version of the SDK`, place)
  }
  if (text('seinfo')?.includes(':') === true) throw new AndroidError('bad-selector', 'a seinfo has no colon', place)
  const entry: SeappEntry = {
    isSystemServer: flag('isSystemServer'), isEphemeralApp: maybe('isEphemeralApp'),
    user: text('user') === null ? null : named(text('user')!), seinfo: text('seinfo'),
    name: text('name') === null ? null : named(text('name')!), isPrivApp: maybe('isPrivApp'),
    minTargetSdkVersion: Number(sdk), fromRunAs: flag('fromRunAs'), isIsolatedComputeApp: flag('isIsolatedComputeApp'),
    isSdkSandboxNext: flag('isSdkSandboxNext'), domain: text('domain'), type: text('type'), level: text('level'),
    levelFrom: levelFromOf(values, place), place,
  }
  if (entry.isPrivApp !== true && entry.name !== null && (entry.seinfo === null || entry.seinfo === 'default')) {
    throw new AndroidError('insecure', 'a name alone can be taken by any app', place, 'name the seinfo too')
  }
  return entry
}

/** The first wins: how two entries stand to each other, by one selector after the other. */
const precedence: readonly ((a: SeappEntry, b: SeappEntry) => number)[] = [
  (a, b) => Number(b.isSystemServer) - Number(a.isSystemServer),
  (a, b) => Number(b.isEphemeralApp !== null) - Number(a.isEphemeralApp !== null),
  (a, b) => byName(a.user, b.user),
  (a, b) => Number(b.seinfo !== null) - Number(a.seinfo !== null),
  (a, b) => byName(a.name, b.name),
  (a, b) => Number(b.isPrivApp !== null) - Number(a.isPrivApp !== null),
  (a, b) => b.minTargetSdkVersion - a.minTargetSdkVersion,
  (a, b) => Number(b.fromRunAs) - Number(a.fromRunAs),
]

/** One that is there, then a whole name before a prefix, then the longer prefix. */
const byName = (a: Named | null, b: Named | null): number => {
  if (a === null || b === null) return Number(b !== null) - Number(a !== null)
  if (a.isPrefix !== b.isPrefix) return Number(a.isPrefix) - Number(b.isPrefix)
  return a.isPrefix ? b.text.length - a.text.length : 0
}

const compare = (a: SeappEntry, b: SeappEntry): number => {
  for (const order of precedence) {
    const difference = order(a, b)
    if (difference !== 0) return difference
  }
  return 0
}

const selectorsOf = ({ domain, type, level, levelFrom, place, ...selectors }: SeappEntry): string => {
  void [domain, type, level, levelFrom, place]
  return JSON.stringify(selectors)
}

const fits = (pattern: Named | null, value: string | undefined): boolean => {
  if (pattern === null) return true
  if (value === undefined) return false
  const text = value.toLowerCase()
  return pattern.isPrefix ? text.startsWith(pattern.text.slice(0, -1)) : text === pattern.text
}

/** The app of a question, taken apart. */
const appOf = ({ uid, seinfo = '', userName }: SeappQuestion) => {
  const [userId, appId] = [Math.floor(uid / PER_USER), uid % PER_USER]
  const parts = seinfo.split(':')
  const version = /:targetSdkVersion=([^:]*)/.exec(seinfo)?.[1] ?? '0'
  if (!Number.isInteger(uid) || uid < 0 || !/^\d{1,10}$/.test(version) || Number(version) > MOST_SDK) {
    throw new AndroidError('bad-app', `\`${uid} ${seinfo}\` is not an app`, null, 'UID, SEINFO[:targetSdkVersion=N]')
  }
  const user = appId < APP_START ? userName ?? systemUsers.get(appId)
    : appId < SANDBOX_START ? '_app' : appId < ISOLATED_START ? '_sdksandbox' : '_isolated'
  if (user === undefined) throw new AndroidError('bad-app', `the name of uid ${appId} is not known`, null, 'userName')
  const start = appId < APP_START ? 0
    : appId < SANDBOX_START ? APP_START : appId < ISOLATED_START ? SANDBOX_START : ISOLATED_START
  if (userId >= MOST_ID) throw new AndroidError('bad-app', `user ${userId} has no categories`)
  return {
    userId, appId: appId - start, user, seinfo: parts[0] === '' ? null : parts[0]!, version: Number(version),
    has: (flag: string): boolean => seinfo.includes(`:${flag}`),
  }
}

const levelOf = ({ levelFrom, level }: SeappEntry, userId: number, appId: number): string => {
  const app = [appId & 0xff, 256 + ((appId >> 8) & 0xff)]
  const user = [512 + (userId & 0xff), 768 + ((userId >> 8) & 0xff)]
  const cats = { none: [], app, user, all: [...app, ...user] }[levelFrom]
  if (cats.length === 0) return level ?? 's0'
  return `s0:${cats.map((cat) => `c${cat}`).join(',')}`
}

export class SeappContexts {
  /** In the order in which they are tried. */
  readonly entries: readonly SeappEntry[]

  /** Throws AndroidError for a line, and for two lines with the same selectors. */
  constructor(files: readonly ContextText[]) {
    const entries = contextLines(files).map(entryOf).sort(compare)
    const seen = new Map<string, SeappEntry>()
    for (const entry of entries) {
      const key = selectorsOf(entry)
      const other = seen.get(key)
      if (other !== undefined) {
        throw new AndroidError('duplicate', 'a line has these selectors already', entry.place, `at ${other.place}`)
      }
      seen.set(key, entry)
    }
    this.entries = entries
  }

  /**
   * The domain of a process or the type of its files; null if no line fits. Throws OptionError, and AndroidError for
   * the app.
   */
  lookup(kind: 'domain' | 'type', question: SeappQuestion): SeappAnswer | null {
    checkOptions(question, questionRules, 'lookup')
    const app = appOf(question)
    const entry = this.entries.find((each) =>
      each.isSystemServer === (question.isSystemServer ?? false) &&
      (each.isEphemeralApp === null || each.isEphemeralApp === app.has('ephemeralapp')) &&
      fits(each.user, app.user) &&
      (each.seinfo === null || each.seinfo.toLowerCase() === app.seinfo?.toLowerCase()) &&
      fits(each.name, question.packageName) &&
      (each.isPrivApp === null || each.isPrivApp === app.has('privapp')) &&
      each.minTargetSdkVersion <= app.version && each.fromRunAs === app.has('fromRunAs') &&
      each.isIsolatedComputeApp === app.has('isolatedComputeApp') &&
      each.isSdkSandboxNext === app.has('isSdkSandboxNext') && each[kind] !== null)
    if (entry === undefined) return null
    return { type: entry[kind]!, level: levelOf(entry, app.userId, app.appId), entry }
  }
}
