/** The pages of the site: each page with the file it comes from, in the order of the sidebar. */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { categories, categoryPage, hooksPage } from '../../scripts/hooks-page.ts'

export const root = join(import.meta.dirname, '../..')

export interface Page {
  /** Where it lies on the site, with `.md`. */
  readonly path: string
  /** File of the repository that it is, or whose place it takes; null for a page that is made. */
  readonly source: string | null
  readonly text: string
  /** Heading of the sidebar that it stands under; null keeps it out. */
  readonly group: string | null
}

/** In the order of a reader. */
const guides: readonly (readonly [group: string, names: readonly string[]])[] = [
  ['Start', ['getting-started', 'tour', 'concepts', 'comparison']],
  ['Learn', ['stacking', 'modules', 'glossary']],
  ['Do', [
    'ten-lines', 'create', 'writing-a-module', 'testing-policy', 'scenarios', 'policy-in-ci', 'apparmor',
    'same-policy-elsewhere', 'native-programs', 'fleet', 'bpf', 'bpf-in-ci',
  ]],
  ['Questions', ['just-bash-without-network', 'unix-sockets', 'landlock-limits']],
  ['Look up', ['ecosystem', 'hooks', 'syscalls', 'audit-schema', 'module-abi', 'hosts']],
]

/** The part of README.md that the home page shows: from the install line to what the first program prints. */
const firstMinute = (readme: string): string => {
  const [from, to] = [readme.indexOf('## Sixty seconds'), readme.indexOf('\nNext: [')]
  if (from < 0 || to < from) throw new Error('README.md has no `Sixty seconds`, or no `Next:` after it')
  return readme.slice(from, to)
}

/** Its links are those of README.md, whose place it takes. */
const homePage = (read: (path: string) => string | null): Page => ({
  path: 'index.md', source: 'README.md', group: null,
  text: read('site/index.md')!.replace('@first-minute@', firstMinute(read('README.md')!)),
})

/** Files that the site takes as they are; `read` gives their text. */
export const pagesOf = (read: (path: string) => string | null): readonly Page[] => {
  const fromFile = (path: string, source: string, group: string | null): Page[] => {
    const text = source === 'docs/hooks.md' ? hooksPage(true) : read(source)
    return text === null ? [] : [{ path, source, text, group }]
  }
  const listed = guides.flatMap(([group, names]) =>
    names.flatMap((name) => fromFile(`${name}.md`, `docs/${name}.md`, group)))
  const others = globSync('docs/*.md', { cwd: root })
    .filter((file) => file !== 'docs/README.md' && !listed.some(({ source }) => source === file))
  return [
    homePage(read),
    ...listed,
    ...others.flatMap((file) => fromFile(file.replace('docs/', ''), file, 'Look up')),
    ...fromFile('threat-model.md', 'SECURITY.md', 'Learn'),
    ...fromFile('architecture.md', 'ARCHITECTURE.md', 'Learn'),
    ...globSync('packages/*/README.md', { cwd: root }).sort()
      .flatMap((file) => fromFile(`packages/${file.split('/')[1]}.md`, file, 'Packages')),
    ...fromFile('examples/index.md', 'examples/README.md', 'Do'),
    ...globSync('examples/*/README.md', { cwd: root }).sort()
      .flatMap((file) => fromFile(`examples/${file.split('/')[1]}.md`, file, null)),
    ...fromFile('conformance.md', 'conformance/README.md', 'Look up'),
    ...fromFile('console-manual.md', 'apps/console/README.md', 'Look up'),
    ...[...categories.keys()].map((category) => ({
      path: `hooks/${category}.md`, source: null, text: categoryPage(category), group: null,
    })),
  ]
}

export const titleOf = ({ text, path }: Page): string => /^# (.+)$/m.exec(text)?.[1] ?? path
