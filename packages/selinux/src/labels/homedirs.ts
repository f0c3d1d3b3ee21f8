/**
 * file_contexts.homedirs from templates, users and accounts, as genhomedircon(8) writes it: the same lines in the same
 * order. Nothing of this machine is looked at.
 */
import { aBoolean, aFunction, aString, checkOptions, required, wholeNumber } from '@lsmkit/core/option-rules'
import type { OptionRules } from '@lsmkit/core/option-rules'
import type { Policydb } from '../policydb/policydb.ts'
import { parseGroup, parsePasswd, parseSeusers, parseUsersExtra } from './accounts.ts'
import { homeOwners, fallbackOwner, seuserFacts } from './home-owners.ts'
import type { HomeOwner } from './home-owners.ts'
import { hasContext, homeRoots } from './home-roots.ts'
import { HOME_DIR, HOME_ROOT, splitTemplate } from './template.ts'

export interface HomedirOptions {
  /** file_contexts with its template lines, as a compiler gives it. */
  readonly fileContexts: string
  /** Text of homedir_template, for a file_contexts whose template lines have been taken out. */
  readonly template?: string
  /** Text of seusers. */
  readonly seusers: string
  /** Text of users_extra: the prefixes of SELinux users (default `user` for each). */
  readonly usersExtra?: string
  /** Text of passwd(5). Without it only the home of users without a mapping gets labels. */
  readonly passwd?: string
  /** Text of group(5). */
  readonly group?: string
  /** Where homes are (default `/home`). */
  readonly homes?: readonly string[]
  /** Whether accounts show further places with homes (default; `usepasswd` of semanage.conf). */
  readonly usePasswd?: boolean
  /** Ids of people (default 1000 to 60000). */
  readonly uidMin?: number
  readonly uidMax?: number
  /** Shells of people (default any). */
  readonly shells?: readonly string[]
  /** Homes that get no labels (`ignoredirs` of semanage.conf). */
  readonly ignored?: readonly string[]
  /** Whether the policy has a context: lines with others are left out (default: all are written). */
  readonly isValid?: (context: string) => boolean
}

const aList = { is: (value: unknown) => Array.isArray(value), what: 'a list' }

const rules: OptionRules<HomedirOptions> = {
  fileContexts: required(aString), template: aString, seusers: required(aString),
  usersExtra: aString, passwd: aString, group: aString, homes: aList, usePasswd: aBoolean, uidMin: wholeNumber(0),
  uidMax: wholeNumber(0), shells: aList, ignored: aList, isValid: aFunction,
}

export interface Homedirs {
  /** Text of file_contexts.homedirs; empty where the policy has no template. */
  readonly text: string
  /** file_contexts without the template lines. */
  readonly base: string
  readonly roots: readonly string[]
  readonly warnings: readonly string[]
}

type Replacement = readonly [name: string, value: string]

const filled = (line: string, replacements: readonly Replacement[]): string =>
  replacements.reduce((text, [name, value]) => text.replaceAll(name, () => value), line)

const CONTEXT = /\S+(?=\s*$)/

/** What is written, line by line. */
class Writer {
  readonly lines: string[] = []
  readonly #isMls: boolean
  readonly #isValid: (context: string) => boolean

  constructor(isMls: boolean, isValid: (context: string) => boolean) {
    this.#isMls = isMls
    this.#isValid = isValid
  }

  comment(text: string): void {
    this.lines.push('', `# ${text}`)
  }

  /** Template lines as they are, but for the names in them. */
  plain(template: readonly string[], replacements: readonly Replacement[]): void {
    for (const line of template) this.#put(filled(line, replacements))
  }

  /** Template lines with the SELinux user of the owner in their contexts, and its level. */
  owned(template: readonly string[], replacements: readonly Replacement[], owner: HomeOwner): void {
    for (const line of template) {
      const text = filled(line, replacements)
      const context = CONTEXT.exec(text)?.[0] ?? ''
      if (context === '<<none>>') this.#put(text)
      else this.#put(text.replace(context, () => this.#contextOf(context, owner)))
    }
  }

  #contextOf(context: string, { seuser, role, level }: HomeOwner): string {
    const [, templateRole = '', type = '', ...range] = context.split(':')
    const tail = this.#isMls ? `:${level}` : range.map((part) => `:${part}`).join('')
    return `${seuser}:${role ?? templateRole}:${type}${tail}`
  }

  #put(line: string): void {
    const context = CONTEXT.exec(line)?.[0] ?? ''
    if (context === '<<none>>' || this.#isValid(context)) this.lines.push(line)
  }
}

/** Template lines by what they need. */
const templatesOf = (template: string) => {
  const lines = template.split('\n').filter((line) => line.trim() !== '')
  const isNamed = (line: string): boolean => line.includes('%{USERNAME}') || line.includes('%{USERID}')
  return {
    homes: lines.filter((line) => line.startsWith(HOME_DIR)),
    roots: lines.filter((line) => line.startsWith(HOME_ROOT)),
    named: lines.filter(isNamed),
    user: lines.filter((line) => !isNamed(line) && line.includes('USER')),
  }
}

type Templates = ReturnType<typeof templatesOf>

const writeHome = (writer: Writer, { homes }: Templates, owner: HomeOwner): void =>
  writer.owned(homes, [[HOME_DIR, owner.home], ['ROLE', owner.prefix]], owner)

const writeUser = (writer: Writer, { named, user }: Templates, owner: HomeOwner): void => {
  writer.owned(named, [['%{USERNAME}', owner.name], ['%{USERID}', owner.uid], ['ROLE', owner.prefix]], owner)
  writer.owned(user, [['USER', owner.name], ['ROLE', owner.prefix]], owner)
}

const textsOf = ({ fileContexts, template }: HomedirOptions) => {
  const split = splitTemplate(fileContexts)
  return template === undefined ? split : { base: fileContexts, template }
}

/**
 * `policy` has the levels and roles of SELinux users. Throws OptionError for the options, LabelsError for a line of
 * their texts.
 */
export const homedirContexts = (policy: Policydb, options: HomedirOptions): Homedirs => {
  checkOptions(options, rules, 'homedirContexts')
  const { homes = ['/home'], usePasswd = true, isValid = () => true, ignored: ignoredHomes = [] } = options
  const { base, template } = textsOf(options)
  const templates = templatesOf(template)
  const mappings = parseSeusers(options.seusers)
  const seusers = seuserFacts(policy, parseUsersExtra(options.usersExtra ?? ''))
  const accounts = parsePasswd(options.passwd ?? '')
  const ignored = new Set(ignoredHomes)
  const fallback = fallbackOwner(mappings, seusers)
  if (Object.values(templates).every((lines) => lines.length === 0) || fallback === null) {
    const warnings = fallback === null ? ['seusers has no __default__: no home gets a label'] : []
    return { text: '', base, roots: [], warnings }
  }
  const { uidMin = 1000, uidMax = 60000 } = options
  const shells = options.shells === undefined ? null : new Set(options.shells)
  const found = usePasswd
    ? homeRoots(homes, accounts, { uidMin, uidMax, shells, ignored }, hasContext(base))
    : { roots: homes, warnings: [] }
  const writer = new Writer(policy.mls, isValid)
  if (templates.homes.length > 0 || templates.roots.length > 0) {
    for (const root of found.roots) {
      writer.comment(`homes in ${root}`)
      writeHome(writer, templates, { ...fallback, home: `${root}/${fallback.name}` })
      writer.plain(templates.roots, [[HOME_ROOT, root]])
    }
  }
  const { owners, warnings } = homeOwners({
    accounts, groups: parseGroup(options.group ?? ''), mappings, seusers, ignored,
  })
  if (templates.named.length > 0 || templates.user.length > 0) {
    writeUser(writer, templates, fallback)
    for (const owner of owners) {
      writer.comment(`home of ${owner.name}`)
      writeHome(writer, templates, owner)
      writeUser(writer, templates, owner)
    }
  }
  return { text: `${writer.lines.join('\n')}\n`, base, roots: found.roots, warnings: [...found.warnings, ...warnings] }
}
