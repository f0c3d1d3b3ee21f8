/** Interfaces of the reference policy for the types of what a program makes, by the place where it makes it. */
import type { LearnedDomain } from '../domain.ts'
import type { GivenCall } from '../interfaces/interface-calls.ts'
import type { OwnType } from '../own-types.ts'

export interface PlaceInterfaces {
  /** Declares a type; the first that the headers have is called. */
  readonly declare: readonly string[]
  /** Gives what a domain makes there a type of its own. */
  readonly transition: readonly string[]
  /** Lets a domain get there. */
  readonly search: readonly string[]
  /** The files there, in words. */
  readonly what: string
  /** The part of its interfaces' names: `tmp_files` of `web_read_tmp_files`. */
  readonly noun: string
}

/** By the suffix of the type: `tmp` of `web_tmp_t`. */
export const placeInterfaces: ReadonlyMap<string, PlaceInterfaces> = new Map([
  ['tmp', {
    declare: ['files_tmp_file'], transition: ['files_tmp_filetrans'], search: ['files_search_tmp'],
    what: 'temporary files', noun: 'tmp_files',
  }],
  ['tmpfs', {
    declare: ['files_tmpfs_file'], transition: ['fs_tmpfs_filetrans'], search: ['fs_search_tmpfs'],
    what: 'shared memory', noun: 'tmpfs_files',
  }],
  ['log', {
    declare: ['logging_log_file'], transition: ['logging_log_filetrans'], search: ['logging_search_logs'],
    what: 'log files', noun: 'log',
  }],
  ['runtime', {
    declare: ['files_runtime_file', 'files_pid_file'], transition: ['files_runtime_filetrans', 'files_pid_filetrans'],
    search: ['files_search_runtime', 'files_search_pids'], what: 'runtime files', noun: 'runtime_files',
  }],
  ['lock', {
    declare: ['files_lock_file'], transition: ['files_lock_filetrans'], search: ['files_search_locks'],
    what: 'lock files', noun: 'lock_files',
  }],
  ['var_lib', {
    declare: ['files_type'], transition: ['files_var_lib_filetrans'], search: ['files_search_var_lib'],
    what: 'files of its state', noun: 'lib_files',
  }],
  ['spool', {
    declare: ['files_spool_file', 'files_type'], transition: ['files_spool_filetrans'],
    search: ['files_search_spool'], what: 'spool files', noun: 'spool_files',
  }],
])

/** The call that declares the domain and its program, if the headers have it. */
export const entryCall = ({ types: [domain, exec], from }: LearnedDomain, known: ReadonlySet<string>): GivenCall[] => {
  const name = firstOf(STARTERS_OF_SERVICES.has(from) ? [OF_SERVICES, ...OF_ANY] : OF_ANY, known)
  return name === null ? [] : [{ name, words: [domain!, exec!] }]
}

export const OF_SERVICES = 'init_daemon_domain'
const STARTERS_OF_SERVICES: ReadonlySet<string> = new Set(['init_t', 'initrc_t'])
const OF_ANY = ['application_domain']

/** The call that declares a type of what it makes. */
export const declaringCall = ({ name: type, suffix }: OwnType, known: ReadonlySet<string>): GivenCall[] => {
  const name = firstOf(placeInterfaces.get(suffix)!.declare, known)
  return name === null ? [] : [{ name, words: [type] }]
}

/** The call that gives what the domain makes there this type. */
export const transitionCall = (
  { types: [domain] }: LearnedDomain, { name: type, suffix, classes }: OwnType, known: ReadonlySet<string>,
): GivenCall[] => {
  const name = firstOf(placeInterfaces.get(suffix)!.transition, known)
  const set = classes.length === 1 ? classes[0]! : `{ ${classes.join(' ')} }`
  return name === null ? [] : [{ name, words: [domain!, type, set] }]
}

export const callText = ({ name, words }: GivenCall): string => `${name}(${words.join(', ')})`

/** All of these calls. */
export const declaringCalls = (learned: LearnedDomain, known: ReadonlySet<string>): GivenCall[] => [
  ...entryCall(learned, known),
  ...learned.own.flatMap((type) => [...declaringCall(type, known), ...transitionCall(learned, type, known)]),
]

/** The first of these interfaces that the headers have. */
export const firstOf = (names: readonly string[], known: ReadonlySet<string>): string | null =>
  names.find((name) => known.has(name)) ?? null
