/** Accounts of a system and the SELinux users they map to: passwd, group, seusers and users_extra. */
import { LabelsError } from './errors.ts'
import { meaningfulLines } from './lines.ts'

/** A line of passwd(5). */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
  readonly shell: string
}

/** A line of group(5). */
export interface Group {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

/** A line of seusers: which SELinux user a login, a `%group` or `__default__` has, and its range. */
export interface LoginMapping {
  readonly login: string
  readonly seuser: string
  /** Null in a policy without MLS. */
  readonly range: string | null
}

/** Accounts whose home directories have labels of their own. */
export const DEFAULT_LOGIN = '__default__'

const id = (text: string, place: string): number => {
  const value = Number(text)
  if (/^\d{1,10}$/.test(text) && value <= 0xffffffff) return value
  throw new LabelsError('bad-line', `\`${text}\` is not an id`, place, 'a number from 0 to 4294967295')
}

/** Throws LabelsError for a line that is not an account. */
export const parsePasswd = (text: string, file = 'passwd'): Account[] => meaningfulLines(text, file)
  .filter((line) => !/^[+-]/.test(line.text)).map((line) => {
  const { place } = line
  const fields = line.text.split(':')
  if (fields.length !== 7 || fields[0] === '') {
    throw new LabelsError('bad-line', `\`${line.text}\` is not an account`, place, 'name:x:uid:gid:gecos:home:shell')
  }
  const [name = '', , uid = '', gid = '', , home = '', shell = ''] = fields
  return { name, uid: id(uid, place), gid: id(gid, place), home, shell }
})

/** Throws LabelsError for a line that is not a group. */
export const parseGroup = (text: string, file = 'group'): Group[] => meaningfulLines(text, file)
  .filter((line) => !/^[+-]/.test(line.text)).map(({ text: line, place }) => {
  const fields = line.split(':')
  if (fields.length !== 4 || fields[0] === '') {
    throw new LabelsError('bad-line', `\`${line}\` is not a group`, place, 'name:x:gid:member,member')
  }
  const [name = '', , gid = '', members = ''] = fields
  return { name, gid: id(gid, place), members: members.split(',').filter((member) => member !== '') }
})

/** Throws LabelsError for a line that is not a mapping. */
export const parseSeusers = (text: string, file = 'seusers'): LoginMapping[] =>
  meaningfulLines(text, file).map(({ text: line, place }) => {
    const found = /^([^:\s]+)\s*:\s*([^:\s]+)\s*(?::\s*(\S+(?:\s*-\s*\S+)?))?$/.exec(line)
    if (found === null) {
      throw new LabelsError('bad-line', `\`${line}\` is not a login`, place, 'LOGIN:SELINUX_USER[:RANGE]')
    }
    return { login: found[1]!, seuser: found[2]!, range: found[3]?.replace(/\s/g, '') ?? null }
  })

const rankOf = ({ login }: LoginMapping): number => login.startsWith('%') ? 0 : login === DEFAULT_LOGIN ? 2 : 1

/** Lines of seusers: groups first, then logins by name, then the default, as semodule has them. */
export const seusersText = (mappings: readonly LoginMapping[]): string => mappings
  .toSorted((a, b) => rankOf(a) - rankOf(b) || (a.login < b.login ? -1 : Number(a.login > b.login)))
  .map(({ login, seuser, range }) => `${login}:${seuser}${range === null ? '' : `:${range}`}\n`).join('')

/** The prefix of each SELinux user, which stands for ROLE in templates. Throws LabelsError. */
export const parseUsersExtra = (text: string, file = 'users_extra'): Map<string, string> =>
  new Map(meaningfulLines(text, file).map(({ text: line, place }) => {
    const found = /^user\s+(\S+)\s+prefix\s+([^\s;]+)\s*;?$/.exec(line)
    if (found === null) {
      throw new LabelsError('bad-line', `\`${line}\` is not a prefix`, place, 'user NAME prefix NAME;')
    }
    return [found[1]!, found[2]!]
  }))

/** Which mapping counts for a login: its own, the first of its groups, then the default one; null of none. */
export const mappingOf = (
  mappings: readonly LoginMapping[], login: string, groups: readonly string[] = [],
): LoginMapping | null => {
  const named = (name: string) => mappings.find((mapping) => mapping.login === name)
  return named(login) ?? mappings.find(({ login: of }) => of.startsWith('%') && groups.includes(of.slice(1))) ??
    named(DEFAULT_LOGIN) ?? null
}
