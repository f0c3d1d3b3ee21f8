/**
 * Which epoll files may watch one another (ep_loop_check and reverse_path_check of fs/eventpoll.c): no loops, no deep
 * chains, and few paths from one file upwards. Otherwise one write could wake millions.
 */
import { EINVAL, ELOOP } from '@lsmkit/abi'
import type { File } from '@lsmkit/core'
import { EpollItem, EventPoll } from './epoll.ts'
import { fileState } from '../state/vfs/state.ts'

/** EP_MAX_NESTS: epoll files may watch epoll files this deep. */
const MAX_NESTS = 4
/** How many paths of each length may lead from a file up to epoll files that nobody watches. Length 1 has no limit. */
const PATH_LIMITS = [Infinity, 500, 100, 50, 10]
const TOO_DEEP = MAX_NESTS + 1

const insideOf = (file: File): EventPoll | null => {
  const { data } = fileState(file)
  return data instanceof EventPoll ? data : null
}

/** The epoll files that watch `file`, once for each item. */
function* watchersOf(file: File): Generator<EventPoll> {
  for (const watcher of fileState(file).rare?.watchers ?? []) if (watcher instanceof EpollItem) yield watcher.ep
}

/** How deep `ep` watches epoll files. TOO_DEEP if a path leads back to `target`. Other files go to `sources`. */
const depthBelow = (ep: EventPoll, target: EventPoll, sources: Set<File>, known: Map<EventPoll, number>): number => {
  const before = known.get(ep)
  if (before !== undefined) return before
  let depth = 0
  for (const { file } of ep.items) {
    const below = insideOf(file)
    if (below === null) sources.add(file)
    else depth = Math.max(depth, below === target ? TOO_DEEP : 1 + depthBelow(below, target, sources, known))
    if (depth > MAX_NESTS) break
  }
  known.set(ep, depth)
  return depth
}

/** How many paths of each length lead to epoll files that nobody watches. */
type Ways = readonly number[]
/** For an epoll file that nobody watches. */
const TOP: Ways = [1]

const isWatched = ({ file }: EventPoll): boolean => file !== null && !watchersOf(file).next().done

/** There are no loops, and each epoll file is visited once. */
const waysUp = (ep: EventPoll, known: Map<EventPoll, Ways>): Ways => {
  if (!isWatched(ep)) return TOP
  let ways = known.get(ep)
  if (ways === undefined) known.set(ep, (ways = [0, ...waysFrom(ep.file!, known)]))
  return ways
}
/** The paths from `file` itself, from the paths of the epoll files that watch it. */
const waysFrom = (file: File, known: Map<EventPoll, Ways>): Ways => {
  const sum: number[] = []
  for (const watcher of watchersOf(file)) {
    const ways = waysUp(watcher, known)
    for (let length = 0; length < ways.length; length++) sum[length] = (sum[length] ?? 0) + ways[length]!
  }
  return sum
}

/** Whether `ep` may watch `file`: 0 or -ELOOP. The caller then counts the paths of the files in `sources`. */
export const mayWatch = (ep: EventPoll, file: File, sources: Set<File>): number => {
  const below = insideOf(file)
  if (below === null) {
    if (isWatched(ep)) sources.add(file)
    return 0
  }
  const deepest = depthBelow(below, ep, sources, new Map()) + waysUp(ep, new Map()).length
  return deepest > MAX_NESTS ? -ELOOP : 0
}

/** 0, or -EINVAL if too many paths lead up from one of the files. */
export const checkWays = (sources: ReadonlySet<File>): number => {
  const known = new Map<EventPoll, Ways>()
  for (const file of sources) {
    if (waysFrom(file, known).some((count, length) => count > (PATH_LIMITS[length] ?? 0))) return -EINVAL
  }
  return 0
}
