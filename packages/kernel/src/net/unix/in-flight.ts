/**
 * Descriptors that were sent and not received: how many of them a user may have, and sockets that only such descriptors
 * keep, in circles that nobody can reach any more (net/unix/garbage.c).
 */
import { AF_UNIX, CAP_SYS_ADMIN, CAP_SYS_RESOURCE, ETOOMANYREFS, RLIMIT_NOFILE } from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { File, KeyMap } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { rlimit } from '../../state/task/rlimits.ts'
import { UserCounts } from '../../state/task/user-counts.ts'
import { opsOf } from '../../state/net/proto.ts'
import { UnixSock } from './unix-sock.ts'
import type { UnixSkb } from './unix-sock.ts'

/** A socket's open file, and how often messages keep it. */
interface Aloft {
  readonly file: File
  times: number
}

export const descriptorsInFlight = (lsm: KeyMap, machine: Machine) => {
  const { current } = machine
  /** Of each user, by uid. */
  const counts = new UserCounts()
  /** Messages with descriptors of AF_UNIX sockets. */
  const flying = new Set<UnixSkb>()
  /** Sockets that such messages keep. */
  const aloft = new Map<UnixSock, Aloft>()
  /** A socket in flight may keep, by its messages, what keeps it. */
  let mayBeCircular = false

  const unixOf = (file: File): UnixSock | null => {
    const socket = machine.net.sock_from_file(file)
    return socket !== null && socket.sk !== null && opsOf(socket).family === AF_UNIX ? UnixSock.of(socket.sk) : null
  }
  const socksOf = ({ files }: UnixSkb): [UnixSock, File][] =>
    files.flatMap((file) => {
      const sock = unixOf(file)
      return sock === null ? [] : [[sock, file] as [UnixSock, File]]
    })
  /** Who can receive it: connections that were not accepted yet lie with their listener. */
  const holderOf = ({ to }: UnixSkb): UnixSock => to.listener ?? to

  /** As `too_many_unix_fds`: a user has no more of them than a process may have files. */
  const refuse = (): number => {
    const { task } = current
    if (counts.of(task.cred.uid) <= rlimit(task, RLIMIT_NOFILE)) return 0
    return capable(lsm, current, CAP_SYS_RESOURCE) || capable(lsm, current, CAP_SYS_ADMIN) ? 0 : -ETOOMANYREFS
  }

  const sent = (skb: UnixSkb): void => {
    if (skb.files.length === 0) return
    counts.add(skb.payer, skb.files.length)
    const socks = socksOf(skb)
    if (socks.length === 0) return
    flying.add(skb)
    for (const [sock, file] of socks) {
      const known = aloft.get(sock)
      if (known === undefined) aloft.set(sock, { file, times: 1 })
      else known.times++
    }
    // what closes a circle is kept by what is in flight already
    if (aloft.has(holderOf(skb))) mayBeCircular = true
  }

  /** The message's files, which are in flight no more. */
  const landed = (skb: UnixSkb): File[] => {
    counts.add(skb.payer, -skb.files.length)
    if (flying.delete(skb)) {
      for (const [sock] of socksOf(skb)) if (--aloft.get(sock)!.times === 0) aloft.delete(sock)
    }
    return skb.files.splice(0)
  }

  /** What each socket in flight keeps in flight, by its messages. */
  const keptBySocks = (): Map<UnixSock, UnixSock[]> => {
    const kept = new Map<UnixSock, UnixSock[]>()
    for (const skb of flying) {
      const holder = holderOf(skb)
      if (!aloft.has(holder)) continue
      const all = kept.get(holder) ?? []
      for (const [sock] of socksOf(skb)) all.push(sock)
      kept.set(holder, all)
    }
    return kept
  }

  /** All that `first` and what they keep keep. */
  const reachedFrom = (
    first: readonly UnixSock[], kept: ReadonlyMap<UnixSock, readonly UnixSock[]>,
    isNext: (sock: UnixSock) => boolean,
  ): void => {
    const rest = [...first]
    for (let sock = rest.pop(); sock !== undefined; sock = rest.pop()) {
      for (const next of kept.get(sock) ?? []) if (isNext(next)) rest.push(next)
    }
  }

  /** How often other sockets in flight keep each. */
  const timesKept = (kept: ReadonlyMap<UnixSock, readonly UnixSock[]>): Map<UnixSock, number> => {
    const times = new Map<UnixSock, number>([...aloft.keys()].map((sock) => [sock, 0]))
    for (const socks of kept.values()) for (const sock of socks) times.set(sock, times.get(sock)! + 1)
    return times
  }

  /**
   * As `unix_gc`: sockets that nothing but messages keeps which nobody can ever receive. Each message and each socket
   * is looked at a fixed number of times; none is while no circle can be.
   */
  const unreachable = (): Set<UnixSock> => {
    const lost = new Set<UnixSock>()
    if (!mayBeCircular || aloft.size === 0) return lost
    const kept = keptBySocks()
    const times = timesKept(kept)
    // what is open somewhere, or lies with a socket that is
    const safe: UnixSock[] = []
    for (const [sock, { file, times: inFlight }] of aloft) {
      if (file.f_count > inFlight || inFlight > times.get(sock)!) safe.push(sock)
      else lost.add(sock)
    }
    reachedFrom(safe, kept, (sock) => lost.delete(sock))
    // what is left when all that no circle keeps has been taken away
    const loose = [...aloft.keys()].filter((sock) => times.get(sock) === 0)
    let left = aloft.size - loose.length
    reachedFrom(loose, kept, (sock) => {
      const still = times.get(sock)! - 1
      times.set(sock, still)
      if (still > 0) return false
      left--
      return true
    })
    mayBeCircular = left > 0
    return lost
  }

  return { refuse, sent, landed, unreachable }
}
export type DescriptorsInFlight = ReturnType<typeof descriptorsInFlight>
