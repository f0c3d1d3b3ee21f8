/** Links of the site as it was built: each leads to a file, and to a place in it where one is named. */
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

const unescape = (text: string): string =>
  text.replaceAll('&amp;', '&').replaceAll('&#39;', "'").replaceAll('&quot;', '"')

/** The file that a web server would answer with. */
const fileOf = (path: string): string | null =>
  [path, `${path}.html`, join(path, 'index.html')].find((one) => existsSync(one) && statSync(one).isFile()) ?? null

const idsOf = (html: string): ReadonlySet<string> =>
  new Set([...html.matchAll(/\s(?:id|name)="([^"]+)"/g)].map(([, id]) => unescape(id!)))

/** Broken links below `folder`, as `page: link`. Links to other sites are not followed. */
export const brokenLinks = (folder: string): readonly string[] => {
  const ids = new Map<string, ReadonlySet<string>>()
  const faults: string[] = []
  for (const page of globSync('**/*.html', { cwd: folder })) {
    const html = readFileSync(join(folder, page), 'utf8').replaceAll(/<script[\s\S]*?<\/script>/g, '')
    for (const [, raw] of html.matchAll(/<(?:a\b[^>]*?\shref|img\b[^>]*?\ssrc)="([^"]*)"/g)) {
      const link = unescape(raw!)
      if (/^([a-z]+:|\/\/)/.test(link)) continue
      const [path = '', anchor] = decodeURI(link).split('#')
      const from = path.startsWith('/') ? join(folder, path) : join(folder, dirname(page), path)
      const file = path === '' ? join(folder, page) : fileOf(normalize(from))
      if (file === null) faults.push(`${page}: ${link}`)
      else if (anchor !== undefined && anchor !== '') {
        let known = ids.get(file)
        if (known === undefined) ids.set(file, (known = idsOf(readFileSync(file, 'utf8'))))
        if (!known.has(anchor) && !known.has(anchor.toLowerCase())) faults.push(`${page}: ${link}`)
      }
    }
  }
  return faults
}
