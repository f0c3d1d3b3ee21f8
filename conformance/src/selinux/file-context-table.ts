/** The table of file contexts: paths and modes looked up as libselinux does. */
import { FileContexts } from '@lsmkit/selinux/server'
import { readInput } from '../input.ts'
import type { Row } from '../suite.ts'
import { readFirst } from './prefix-tables.ts'

/** Reads file_contexts and what lies beside it under the same name. */
export const readFileContexts = async (path: string): Promise<FileContexts> => {
  const { text } = await readInput(path)
  const stem = path.replace(/\.(gz|xz)$/, '')
  const beside = async (ending: string) => (await readFirst(`${stem}.${ending}`, ['', '.gz', '.xz']))?.text
  return new FileContexts({
    base: text,
    homedirs: await beside('homedirs'),
    local: await beside('local'),
    subs: await beside('subs'),
    subsDist: await beside('subs_dist'),
  })
}

export function* fileContextRows(rows: readonly string[][], contexts: FileContexts | null): Generator<Row> {
  for (const [n, [path = '', mode = '', expected = '']] of rows.entries()) {
    const got = contexts === null ? 'no --file-contexts' : (contexts.lookup(path, Number.parseInt(mode, 8)) ?? '!')
    yield { id: `filecontexts ${n} ${path}`, expected, got }
  }
}
