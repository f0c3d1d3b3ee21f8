/** The `.if` file of a learned domain: interfaces for other modules, as `sepolicy generate` gives them. */
import type { LearnedDomain } from '../domain.ts'
import type { OwnType } from '../own-types.ts'
import { firstOf, placeInterfaces } from './place-interfaces.ts'

interface Interface {
  readonly name: string
  readonly summary: string
  /** What the domain is that is passed: `allowed access`. */
  readonly domain: string
  readonly types: readonly string[]
  readonly body: readonly string[]
}

const textOf = ({ name, summary, domain, types, body }: Interface): string => [
  '########################################', '## <summary>', `##\t${summary}`, '## </summary>',
  '## <param name="domain">', '##\t<summary>', `##\tDomain ${domain}.`, '##\t</summary>', '## </param>', '#',
  `interface(\`${name}',\``, '\tgen_require(`', `\t\ttype ${types.join(', ')};`, '\t\')', '',
  ...body.map((line) => `\t${line}`), '\')', '',
].join('\n')

const call = (name: string | null, ...words: readonly string[]): string[] =>
  name === null ? [] : [`${name}(${words.join(', ')})`]

const ofProgram = ({ name, types: [domain, exec] }: LearnedDomain, known: ReadonlySet<string>): Interface[] => {
  const way = call(firstOf(['corecmd_search_bin'], known), '$1')
  return [
    {
      name: `${name}_domtrans`, summary: `Execute ${name} in its own domain.`, domain: 'allowed to transition',
      types: [domain!, exec!], body: [...way, `domtrans_pattern($1, ${exec}, ${domain})`],
    },
    {
      name: `${name}_exec`, summary: `Execute ${name} in the domain of the caller.`, domain: 'allowed access',
      types: [exec!], body: [...way, `can_exec($1, ${exec})`],
    },
    {
      name: `${name}_signal`, summary: `Send generic signals to ${name}.`, domain: 'allowed access',
      types: [domain!], body: [`allow $1 ${domain}:process signal;`],
    },
  ]
}

/** Patterns of the reference policy by the class of what is made. */
const PATTERNS: ReadonlyMap<string, { readonly read?: string; readonly manage: string }> = new Map([
  ['file', { read: 'read_files_pattern', manage: 'manage_files_pattern' }],
  ['dir', { read: 'list_dirs_pattern', manage: 'manage_dirs_pattern' }],
  ['lnk_file', { read: 'read_lnk_files_pattern', manage: 'manage_lnk_files_pattern' }],
  ['sock_file', { manage: 'manage_sock_files_pattern' }],
  ['fifo_file', { manage: 'manage_fifo_files_pattern' }],
])

const ofType = ({ name: module }: LearnedDomain, { name: type, suffix, classes }: OwnType,
  known: ReadonlySet<string>): Interface[] => {
  const { search, what, noun } = placeInterfaces.get(suffix)!
  const way = call(firstOf(search, known), '$1')
  const patterns = (kind: 'read' | 'manage'): string[] => classes.flatMap((tclass) => {
    const pattern = PATTERNS.get(tclass)?.[kind]
    return pattern === undefined ? [] : call(pattern, '$1', type, type)
  })
  const one = (verb: string, word: string, body: readonly string[]): Interface[] => body.length === 0 ? [] : [{
    name: `${module}_${verb}_${noun}`, summary: `${word} the ${what} of ${module}.`, domain: 'allowed access',
    types: [type], body: [...way, ...body],
  }]
  return [
    ...one('read', 'Read', patterns('read')),
    ...(suffix === 'log' && classes.includes('file')
      ? one('append', 'Append to', call('append_files_pattern', '$1', type, type)) : []),
    ...one('manage', 'Create, read, write and delete', patterns('manage')),
  ]
}

/** `known` are the interfaces that the headers have. */
export const domainIf = (learned: LearnedDomain, known: ReadonlySet<string>): string => [
  `## <summary>${learned.name}: the domain of ${learned.program.replace(/[^\w/.+-]/g, '?')}.</summary>\n`,
  ...ofProgram(learned, known).map(textOf),
  ...learned.own.flatMap((type) => ofType(learned, type, known)).map(textOf),
].join('\n')
