/** One line of file_contexts: a pattern, a kind of file, a context. */
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG, S_IFSOCK } from '@lsmkit/abi'
import { FileContextsError } from './errors.ts'
import { parsePattern } from './pattern.ts'
import type { Pattern } from './pattern.ts'

/** In the order in which specifications of one literal path are preferred when no kind is asked for. */
const kinds: ReadonlyMap<string, number> = new Map([
  ['--', S_IFREG], ['-l', S_IFLNK], ['-p', S_IFIFO], ['-s', S_IFSOCK], ['-b', S_IFBLK], ['-c', S_IFCHR],
  ['-d', S_IFDIR],
])

export interface Spec {
  readonly pattern: Pattern
  /** File type bits of a mode, 0 of any. */
  readonly kind: number
  /** Place in `kinds`, behind all of them for any: literal paths prefer what is more exact. */
  readonly rank: number
  /** Null for `<<none>>`: such files are not labelled. */
  readonly context: string | null
  /** Of all lines of all files: later ones win. */
  readonly order: number
  /** Where it stands: the file's role, and the line from 1. */
  readonly file: string
  readonly line: number
}

/** libselinux refuses the whole file for one such character. */
// oxlint-disable-next-line no-control-regex
const NON_ASCII = /[^\x00-\x7f]/

const kindNames = [...kinds.keys()]

/** Null of an empty line or a comment. `order` is what the line gets. */
export const parseSpec = (line: string, file: string, number: number, order: number): Spec | null => {
  const text = line.trim()
  if (text === '' || text.startsWith('#')) return null
  const fields = text.split(/\s+/)
  const fail = (code: FileContextsError['code'], message: string, hint: string): never => {
    throw new FileContextsError(code, message, file, number, hint)
  }
  if (NON_ASCII.test(text)) {
    return fail('non-ascii', `\`${text}\` has a character that is not ASCII`,
      'libselinux refuses it; `.` stands for a byte')
  }
  if (fields.length < 2) {
    return fail('missing-fields', `\`${text}\` has no context`, 'PATTERN [-b|-c|-d|-p|-l|-s|--] CONTEXT')
  }
  if (fields.length > 3) {
    return fail('extra-fields', `\`${fields[3]}\` is one field too many`, 'a comment has a line of its own')
  }
  const [source = '', type = ''] = fields
  const context = fields.at(-1)!
  const typed = fields.length === 3
  const kind = typed ? kinds.get(type) : 0
  if (kind === undefined) {
    return fail('bad-file-type', `\`${type}\` is not a kind of file`, `one of ${kindNames.join(' ')}`)
  }
  let pattern: Pattern
  try {
    pattern = parsePattern(source)
  } catch (error) {
    return fail('bad-regex', `\`${source}\`: ${(error as Error).message}`, 'an expression that JavaScript has too')
  }
  return {
    pattern,
    kind,
    rank: typed ? kindNames.indexOf(type) : kindNames.length,
    context: context === '<<none>>' ? null : context,
    order,
    file,
    line: number,
  }
}
