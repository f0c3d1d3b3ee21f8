/**
 * Draws the rooms of the kernel package into ARCHITECTURE.md, from the imports of its files:
 * `node scripts/run.mjs source scripts/layers/picture.ts` writes the picture anew. A test compares the two.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { importsOf } from './import-graph.ts'
import { kernelDoors, kernelFloors, roomOf } from './rooms.ts'

const root = join(import.meta.dirname, '../..')
const kernel = join(root, 'packages/kernel/src')
const pagePath = join(root, 'ARCHITECTURE.md')

const OPEN = '<!-- rooms: drawn by scripts/layers/picture.ts -->\n'
const CLOSE = '<!-- rooms: end -->\n'
/** Nearly every room imports these three, so they are left out of the arrows. */
const GROUND = kernelFloors.slice(0, 3).flatMap(({ rooms }) => rooms)

/** Rooms that `room` imports, types included. */
const importedBy = (): Map<string, Set<string>> => {
  const graph = new Map<string, Set<string>>()
  for (const { from, to } of importsOf(kernel)) {
    const rooms = graph.get(roomOf(from)) ?? new Set()
    graph.set(roomOf(from), rooms.add(roomOf(to)))
  }
  return graph
}

/** Rooms that import themselves by way of others. The doors stand above all and are left out. */
export const knottedRooms = (): string[] => {
  const graph = importedBy()
  const reach = (room: string, seen = new Set<string>()): Set<string> => {
    for (const next of graph.get(room) ?? []) {
      if (next === room || seen.has(next)) continue
      reach(next, seen.add(next))
    }
    return seen
  }
  return [...graph.keys()].filter((room) => !kernelDoors.includes(room) && reach(room).has(room)).sort()
}

const arrows = (imported: ReadonlySet<string>, room: string): string => {
  const shown = [...imported].filter((other) => other !== room && !GROUND.includes(other)).sort()
  return shown.length === 0 ? '' : ` -> ${shown.join(' ')}`
}

export const picture = (): string => {
  const graph = importedBy()
  const width = Math.max(...kernelFloors.flatMap(({ rooms }) => rooms.map(({ length }) => length)))
  const lines = kernelFloors.toReversed().flatMap(({ name, rooms }) => [
    `    ${'-'.repeat(4)} ${name} ${'-'.repeat(70 - name.length)}`,
    ...rooms.map((room) => `    ${room.padEnd(width)}${arrows(graph.get(room) ?? new Set(), room)}`.trimEnd()),
  ])
  return `${lines.join('\n')}\n`
}

/** The page with the picture as it is now. */
export const pageWithPicture = (page: string): string => {
  const [before, rest] = page.split(OPEN)
  const after = rest?.split(CLOSE)[1]
  if (before === undefined || after === undefined) throw new Error(`ARCHITECTURE.md has no ${OPEN.trim()}`)
  return `${before}${OPEN}\n${picture()}\n${CLOSE}${after}`
}

export const readPage = (): string => readFileSync(pagePath, 'utf8')

if (process.argv[1] === import.meta.filename) writeFileSync(pagePath, pageWithPicture(readPage()))
