/**
 * The API as pages of the site, one a package, so that one search finds guides and API: each name with its first
 * sentence and a link to all about it. They are made from what TypeDoc found.
 */
import type { Page } from './pages.ts'

/** TypeDoc's JSON, as far as it is read here. */
interface Comment {
  readonly summary?: readonly { readonly text: string }[]
}
interface Reflection {
  readonly name: string
  readonly kind: number
  readonly comment?: Comment
  readonly signatures?: readonly { readonly comment?: Comment }[]
  readonly children?: readonly Reflection[]
}

/** TypeDoc's kinds that have a page, with the folder of it. */
const KINDS: ReadonlyMap<number, readonly [folder: string, word: string]> = new Map([
  [4, ['modules', 'namespace']], [8, ['enums', 'enum']], [32, ['variables', 'value']], [64, ['functions', 'function']],
  [128, ['classes', 'class']], [256, ['interfaces', 'interface']], [2_097_152, ['types', 'type']],
])

/** `@lsmkit/core/order` is of `@lsmkit/core`. */
const packageOf = (module: string): string => module.split('/').slice(0, module.startsWith('@') ? 2 : 1).join('/')
const pathOf = (name: string): string => `reference/${name.replace('@lsmkit/', '')}.md`

/** As TypeDoc names its files. */
const fileOf = (text: string): string => text.replaceAll(/[^\w.-]/g, '_')

const summaryOf = ({ comment, signatures }: Reflection): string => {
  const parts = (comment ?? signatures?.[0]?.comment)?.summary ?? []
  const text = parts.map((part) => part.text).join('').replaceAll(/\s+/g, ' ').trim()
  return /^.*?[.:;](?= |$)/.exec(text)?.[0] ?? text
}

/** VitePress reads Markdown as a template: neither tags nor braces of a docstring are any. */
export const shown = (text: string): string =>
  text.replaceAll('<', '&lt;').replaceAll('{{', '&#123;&#123;')

const symbol = (module: string, reflection: Reflection): string[] => {
  const kind = KINDS.get(reflection.kind)
  if (kind === undefined) return []
  const [folder, word] = kind
  const link = `/api/${folder}/${fileOf(module)}.${fileOf(reflection.name)}.html`
  return [
    `### ${reflection.name.replaceAll('_', '\\_')}`, '',
    `${shown(summaryOf(reflection))} [${word}, in full](${link}){target="_self"}`.trim(), '',
  ]
}

const section = ({ name, children = [] }: Reflection): string[] =>
  [`## ${name}`, '', ...children.flatMap((child) => symbol(name, child))]

/** A page a package. `project` is TypeDoc's JSON. */
export const referencePages = (project: Reflection): readonly Page[] => {
  const packages = new Map<string, Reflection[]>()
  for (const module of project.children ?? []) {
    const name = packageOf(module.name)
    packages.set(name, [...(packages.get(name) ?? []), module])
  }
  return [...packages].map(([name, modules]) => ({
    path: pathOf(name), source: null, group: null,
    text: [
      `# API of ${name}`, '',
      `This page lists what you can import from ${name}, each name with its first sentence.`, '',
      ...modules.flatMap(section),
    ].join('\n'),
  }))
}

/** An entry of `@lsmkit/abi`, and what it exports. */
export interface AbiEntry {
  /** `@lsmkit/abi/errno`. */
  readonly name: string
  readonly values: Readonly<Record<string, unknown>>
}

const valueText = (value: unknown): string => {
  if (typeof value === 'number') return value > 9 ? `${value} (0x${value.toString(16)})` : String(value)
  return typeof value === 'bigint' || typeof value === 'string' ? `\`${value}\`` : typeof value
}

/** One page for all numbers: a page for each would bury the rest. */
export const abiPage = (entries: readonly AbiEntry[]): Page => ({
  path: pathOf('@lsmkit/abi'), source: null, group: null,
  text: [
    '# API of @lsmkit/abi', '',
    'This page lists the names of @lsmkit/abi with their values, by the entry that you import them from.', '',
    ...entries.flatMap(({ name, values }) => [
      `## ${name}`, '', Object.entries(values).map(([key, value]) => `\`${key}\` ${valueText(value)}`).join(' · '), '',
    ]),
  ].join('\n'),
})

/** All of them by the names of their packages, in the order of the alphabet. */
export const referenceIndex = (pages: readonly Page[], descriptions: ReadonlyMap<string, string>): Page => ({
  path: 'reference/index.md', source: null, group: 'Look up',
  text: [
    '# API', '',
    'This page lists the packages and leads to what each exports. The search of this site finds every name.', '',
    '| package | what it is |', '|---|---|',
    ...[...descriptions].filter(([name]) => pages.some(({ path }) => path === pathOf(name)))
      .map(([name, what]) => `| [${name}](/${pathOf(name).replace('.md', '')}) | ${what} |`),
    '', 'Each name links to all about it: signatures, members, types. Those pages are made by TypeDoc.', '',
  ].join('\n'),
})
