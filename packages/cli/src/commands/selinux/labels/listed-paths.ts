/** Paths of a list: a line each, or with NUL between them. */
import { CommandError } from '../../../command-error.ts'
import { readHostText } from '../../../host-file.ts'
import type { Io } from '../../../io.ts'

/** PATH_MAX: no call takes a longer one. */
const LONGEST = 4096
/** As many as a system has files, so that a list that is none ends soon. */
const MOST = 4_000_000

/** None without a list. `-` is stdin. Throws CommandError for what cannot be a path, with its number. */
export const listedPaths = (io: Io, list: string | undefined, between: RegExp): string[] => {
  if (list === undefined) return []
  const lines = readHostText(io, list).split(between, MOST + 1)
  if (lines.length > MOST) throw new CommandError('badInput', `\`${list}\` has more than ${MOST} paths`)
  lines.forEach((line, i) => {
    if (line.length < LONGEST && !line.includes('\0')) return
    const what = line.includes('\0') ? 'has a NUL character' : `has ${line.length} characters`
    throw new CommandError('badInput', `${list}:${i + 1}: the path ${what}`, 'is it a list of paths?')
  })
  return lines.filter((line) => line !== '')
}
