/** The table of file contexts: paths and modes looked up as libselinux does. */
import { FileContexts, FileContextsError } from '@lsmkit/selinux/server'
import { readInput } from '../input.ts'
import { UsageError } from '../suite.ts'
import type { Row } from '../suite.ts'
import { readFirst } from './prefix-tables.ts'

/** Reads file_contexts and what lies beside it under the same name. */
export const readFileContexts = async (path: string): Promise<FileContexts> => {
  const { text } = await readInput(path)
  const stem = path.replace(/\.(gz|xz)$/, '')
  const beside = async (ending: string) => (await readFirst(`${stem}.${ending}`, ['', '.gz', '.xz']))?.text
  const [homedirs, local, subs, subsDist] = [
    await beside('homedirs'), await beside('local'), await beside('subs'), await beside('subs_dist'),
  ]
  try {
    return new FileContexts({ base: text, homedirs, local, subs, subsDist })
  } catch (error) {
    if (error instanceof FileContextsError) throw new UsageError(error.summary, error.hint ?? undefined)
    throw error
  }
}

export function* fileContextRows(rows: readonly string[][], contexts: FileContexts | null): Generator<Row> {
  for (const [n, [path = '', mode = '', expected = '']] of rows.entries()) {
    const got = contexts === null ? 'no --file-contexts' : (contexts.lookup(path, Number.parseInt(mode, 8)) ?? '!')
    yield { id: `filecontexts ${n} ${path}`, expected, got }
  }
}
