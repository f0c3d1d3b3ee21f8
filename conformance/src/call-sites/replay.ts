/** Plays the recorded operations and sessions under a watch. */
import { join } from 'node:path'
import { DEFAULT_PROFILE } from '@lsmkit/core'
import type { Stack } from '@lsmkit/core'
import type { Kernel } from '@lsmkit/kernel'
import { readInput } from '../input.ts'
import { parseJsonLines } from '../json.ts'
import { World } from '../hook-trace/world.ts'
import { finalTree } from '../posix/observe.ts'
import type { Header, Line, Prelude, Session } from '../posix/session.ts'
import { makeWorld } from '../posix/world.ts'
import { isAbsent, modulesOf, prepare } from '../suites/hook-trace.ts'
import { replay } from '../suites/posix-sessions.ts'
import { parseTable } from '../tsv.ts'
import { CallSites } from './call-sites.ts'

type Choice = (test: string) => boolean

const playTrace = async (sites: CallSites, path: string, chosen: Choice): Promise<void> => {
  const { text } = await readInput(path)
  for (const row of parseTable(text, path, ['n', 'id', 'setup', 'calls', 'errno', 'syscalls', 'hooks'])) {
    if (isAbsent(row) || !chosen(`hook-trace:${row.id}`)) continue
    const watch = (kernel: Kernel, stack: Stack): Kernel => sites.watch(`hook-trace:${row.id}`, kernel, stack)
    const world = new World(watch, DEFAULT_PROFILE, modulesOf(row))
    try {
      world.record(prepare(world, row))
    } catch {
      // an operation of a call that is not there yet: what it reached before counts
    }
  }
}

const playSessions = async (sites: CallSites, path: string, chosen: Choice): Promise<void> => {
  const lines = [...parseJsonLines<Line>(await readInput(path))]
  const header = lines.find((line): line is Header => line.kind === 'header')!
  const preludes = new Map(lines.filter((line): line is Prelude => line.kind === 'prelude').map((p) => [p.name, p]))
  for (const session of lines.filter((line): line is Session => line.kind !== 'header' && line.kind !== 'prelude')) {
    if (!chosen(`posix-sessions:${session.id}`)) continue
    // the table names the hooks of 6.12
    const world = makeWorld(header, session.actors, (kernel, stack) =>
      sites.watch(`posix-sessions:${session.id}`, kernel, stack), '6.12')
    for (const call of [...(preludes.get(session.prelude)?.calls ?? []), ...session.calls]) replay(world, call)
    finalTree(world)
  }
}

const recorded = join(import.meta.dirname, '../../recorded')

/** Adds the call sites that the committed operations show, or chosen ones of them. */
export const addCommitted = (sites: CallSites, chosen: Choice = () => true): Promise<void> =>
  playTrace(sites, join(recorded, 'hook-trace.tsv.gz'), chosen)

/**
 * The call sites that the committed operations and the two tables of `folder` show, or chosen rows of them. Without a
 * folder the committed sessions stand for the second.
 */
export const recordCallSites = async (folder: string | null, chosen: Choice = () => true): Promise<CallSites> => {
  const sites = new CallSites()
  await addCommitted(sites, chosen)
  if (folder !== null) await playTrace(sites, `${folder}/hook-trace.tsv`, chosen)
  await playSessions(sites, join(folder ?? recorded, 'posix-sessions.jsonl.gz'), chosen)
  return sites
}
