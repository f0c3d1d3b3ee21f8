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

const guides: readonly (readonly [group: string, names: readonly string[]])[] = [
  ['Learn', ['concepts', 'glossary', 'stacking', 'modules', 'comparison']],
  ['Do', ['create', 'writing-a-module', 'testing-policy', 'scenarios', 'policy-in-ci', 'apparmor', 'bpf', 'bpf-in-ci']],
  ['Look up', ['ecosystem', 'hooks', 'syscalls', 'audit-schema', 'module-abi']],
]

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
    ...fromFile('index.md', 'site/index.md', null),
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
    ...[...categories.keys()].map((category) => ({
      path: `hooks/${category}.md`, source: null, text: categoryPage(category), group: null,
    })),
  ]
}

export const titleOf = ({ text, path }: Page): string => /^# (.+)$/m.exec(text)?.[1] ?? path
