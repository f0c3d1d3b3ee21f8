/** The order of the lines of a whole policy's file_contexts. */

interface Sortable {
  readonly text: string
  readonly isPattern: boolean
  readonly stem: number
  readonly length: number
  readonly hasKind: boolean
}

const special = /[.^$?*+|[({]/

/** How far a path goes until its first special character. */
const sortable = (line: string): Sortable => {
  const [, path, kind, label] = /^(\S+)\s+(-.)?\s*(.+)$/.exec(line)!
  let [stem, length, isPattern] = [0, 0, false]
  for (let i = 0; i < path!.length; i++) {
    if (special.test(path![i]!)) isPattern = true
    // The character behind it counts for nothing, as in refpolicy's fc_sort.
    if (path![i] === '\\') i++
    if (!isPattern) stem++
    length++
  }
  const text = kind === undefined ? `${path}\t\t${label}` : `${path}\t\t${kind}\t${label}`
  return { text, isPattern, stem, length, hasKind: kind !== undefined }
}

/** From the least specific line to the most specific one, comments left out: the order of refpolicy's fc_sort. */
export const sortFileContexts = (text: string): string => {
  const lines = text.split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
  const sorted = lines.filter((line) => /^\S+\s+\S/.test(line)).map(sortable).sort((a, b) =>
    Number(b.isPattern) - Number(a.isPattern) || a.stem - b.stem || a.length - b.length ||
    Number(a.hasKind) - Number(b.hasKind))
  return sorted.map((line) => `${line.text}\n`).join('')
}
