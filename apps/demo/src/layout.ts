/** Text for a terminal of a given width: lines are broken between words, and tables stack where they do not fit. */
import type pc from 'picocolors'

export type Colors = ReturnType<typeof pc.createColors>

/** Broken between words; a word longer than a line is broken where the line ends. Later lines stand in by `hang`. */
export const wrap = (text: string, width: number, hang = ''): string[] => {
  const lines: string[] = []
  let rest = text
  while (rest.length > width) {
    const start = rest.search(/\S/)
    const space = rest.lastIndexOf(' ', width)
    const end = space > start ? space : width
    lines.push(rest.slice(0, end).trimEnd())
    rest = hang + rest.slice(end).trimStart()
  }
  return [...lines, rest]
}

export const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map((text) => text.length))

type Paint = (text: string) => string

/**
 * A line a row, its cells below each other, two spaces between and `indent` in front. Where that is wider than `width`,
 * a row's first cell stands alone and the others below it. `paints` are the colours of the columns.
 */
export const table = (
  rows: readonly (readonly string[])[], width: number, indent: string, paints: readonly Paint[],
): string[] => {
  const widths = paints.map((_, i) => longest(rows.map((row) => row[i]!)))
  const aligned = rows.map((row) => {
    const end = row.findLastIndex((cell) => cell !== '')
    return row.slice(0, end + 1).map((cell, i) => (i === end ? cell : cell.padEnd(widths[i]!)))
  })
  if (aligned.every((row) => indent.length + row.join('  ').length <= width)) {
    return aligned.map((row) => indent + row.map((cell, i) => paints[i]!(cell)).join('  '))
  }
  const deeper = `${indent}    `
  return rows.flatMap(([head, ...cells]) => [
    ...(head === '' ? [] : wrap(indent + head!, width, `${indent}  `).map(paints[0]!)),
    ...wrap(deeper + cells.filter((cell) => cell !== '').join('  '), width, deeper).map(paints[1]!),
  ])
}
