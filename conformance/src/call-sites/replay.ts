/** Plays the recorded operations and sessions under a watch. */
import { readInput } from '../input.ts'
import { parseJsonLines } from '../json.ts'
import { World } from '../hook-trace/world.ts'
import { finalTree } from '../posix/observe.ts'
import type { Header, Line, Prelude, Session } from '../posix/session.ts'
import { makeWorld } from '../posix/world.ts'
import { isAbsent, prepare } from '../suites/hook-trace.ts'
import { replay } from '../suites/posix-sessions.ts'
import { parseTable } from '../tsv.ts'
import { CallSites } from './call-sites.ts'

type Choice = (test: string) => boolean

const playTrace = async (sites: CallSites, path: string, chosen: Choice): Promise<void> => {
  const { text } = await readInput(path)
  for (const row of parseTable(text, path, ['n', 'id', 'setup', 'calls', 'errno', 'syscalls', 'hooks'])) {
    if (isAbsent(row) || !chosen(`hook-trace:${row.id}`)) continue
    const world = new World((kernel, stack) => sites.watch(`hook-trace:${row.id}`, kernel, stack))
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

/** The call sites that the two tables of `folder` show, or chosen rows of them. */
export const recordCallSites = async (folder: string, chosen: Choice = () => true): Promise<CallSites> => {
  const sites = new CallSites()
  await playTrace(sites, `${folder}/hook-trace.tsv`, chosen)
  await playSessions(sites, `${folder}/posix-sessions.jsonl.gz`, chosen)
  return sites
}
