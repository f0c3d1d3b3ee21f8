/** Links of Markdown files, led to where their targets lie on the site. */
import { posix } from 'node:path'
import type { Page } from './pages.ts'

/** Code is left alone: what looks like a link there is none. */
const CODE = /(```[\s\S]*?```|`[^`\n]*`)/
const LINK = /(\]\()([^)\s]+)(\))/g
const PICTURE = /(!\[[^\]]*\]\()([^)\s]+)(\))/g

export interface LinkFault {
  readonly from: string
  readonly target: string
}

export interface Rewritten {
  readonly text: string
  readonly faults: readonly LinkFault[]
  /** Files of the repository that the page shows; they lie in /pictures/ on the site. */
  readonly pictures: readonly string[]
}

export interface Repository {
  /** Whether a path of the repository is a file or folder. */
  exists(path: string): boolean
  /** Where the site shows files that are not pages; null leaves such links out. */
  readonly url: string | null
}

/** A folder stands for its README. */
const pageOf = (pages: readonly Page[], path: string): Page | undefined =>
  pages.find(({ source }) => source === path || source === posix.join(path, 'README.md'))

/** Relative links are to files of the repository, from the file that the page comes from. */
export const rewriteLinks = (page: Page, pages: readonly Page[], repository: Repository): Rewritten => {
  const { source } = page
  if (source === null) return { text: page.text, faults: [], pictures: [] }
  const faults: LinkFault[] = []
  const pictures: string[] = []
  const picture = (link: string): string => {
    if (/^[a-z]+:/.test(link)) return link
    const path = posix.normalize(posix.join(posix.dirname(source), link))
    if (repository.exists(path)) pictures.push(path)
    else faults.push({ from: source, target: link })
    return `/pictures/${posix.basename(path)}`
  }
  const target = (link: string): string | null => {
    if (/^([a-z]+:|#|\/)/.test(link)) return link
    const [file = '', anchor] = link.split('#')
    const path = posix.normalize(posix.join(posix.dirname(source), file)).replace(/\/$/, '')
    const suffix = anchor === undefined ? '' : `#${anchor}`
    const found = pageOf(pages, path) ?? pages.find((one) => one.path === path.replace(/^docs\//, ''))
    if (found) return posix.join('/', found.path.replace(/\.md$/, '')) + suffix
    if (!repository.exists(path)) faults.push({ from: source, target: link })
    return repository.url === null ? null : `${repository.url}/${path}${suffix}`
  }
  const rewritten = page.text.split(CODE).map((part, i) =>
    i % 2 === 1 ? part : part.replaceAll(PICTURE,
      (whole, open: string, link: string, close: string) => open + picture(link) + close,
    ).replaceAll(LINK, (whole, open: string, link: string, close: string) => {
      const to = target(link)
      return to === null ? `${open}#${close}` : open + to + close
    }))
  return { text: unlinked(rewritten.join('')), faults, pictures }
}

/** `[text](#)`, which leads nowhere, is its text. */
const unlinked = (text: string): string => text.replaceAll(/\[((?:`[^`]*`|[^\]`])*)\]\(#\)/g, '$1')
