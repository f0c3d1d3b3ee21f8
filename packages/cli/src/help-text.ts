/** Help in lines of at most 80 columns, for every group: what commander does not break is broken here. */

const COLUMNS = 80

export const helpLines = (text: string): string =>
  text.split('\n').flatMap((line) => {
    if (line.length <= COLUMNS) return [line]
    return /^\s*\$ /.test(line) ? brokenCommand(line) : broken(line)
  }).join('\n')

/** Where a line is cut: the last blank that fits, and is not inside of quotes. */
const cutOf = (line: string, room: number, from: number): number => {
  let quote = ''
  let cut = -1
  for (let i = from; i < line.length && i <= room; i++) {
    const char = line[i]!
    if (quote !== '') {
      if (char === quote) quote = ''
    } else if (char === '"' || char === "'") quote = char
    else if (char === ' ') cut = i
  }
  return cut
}

/** A shell reads it as one line. */
const brokenCommand = (line: string): string[] => {
  const lines: string[] = []
  let rest = line
  while (rest.length > COLUMNS) {
    const cut = cutOf(rest, COLUMNS - 2, rest.length - rest.trimStart().length + 2)
    if (cut < 0) break
    lines.push(`${rest.slice(0, cut)} \\`)
    rest = `      ${rest.slice(cut + 1)}`
  }
  return [...lines, rest]
}

/** Indented as the line itself. */
const broken = (line: string): string[] => {
  const indent = /^\s*/.exec(line)![0]
  const lines: string[] = []
  let rest = line
  while (rest.length > COLUMNS) {
    const cut = rest.lastIndexOf(' ', COLUMNS)
    if (cut <= indent.length) break
    lines.push(rest.slice(0, cut))
    rest = indent + rest.slice(cut + 1)
  }
  return [...lines, rest]
}
