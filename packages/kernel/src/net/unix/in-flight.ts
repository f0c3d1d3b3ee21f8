/**
 * Descriptors that were sent and not received: their limit for each user, and sockets that only such descriptors refer
 * to, in circles that no program can reach (net/unix/garbage.c).
 */
import { AF_UNIX, CAP_SYS_ADMIN, CAP_SYS_RESOURCE, ETOOMANYREFS, RLIMIT_NOFILE } from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { File } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { rlimit } from '../../state/task/rlimits.ts'
import { opsOf } from '../../state/net/proto.ts'
import { UnixSock } from '../../state/net/unix-sock.ts'
import type { UnixSkb } from '../../state/net/unix-sock.ts'

const unixOf = (machine: Machine, file: File): UnixSock | null => {
  const socket = machine.net.sock_from_file(file)
  return socket !== null && socket.sk !== null && opsOf(socket).family === AF_UNIX ? UnixSock.of(socket.sk) : null
}

const socksOf = (machine: Machine, { files }: UnixSkb): [UnixSock, File][] =>
  files.flatMap((file) => {
    const sock = unixOf(machine, file)
    return sock === null ? [] : [[sock, file] as [UnixSock, File]]
  })

/** The socket that can receive it: messages of a connection that was not accepted are with its listener. */
const holderOf = ({ to }: UnixSkb): UnixSock => to.listener ?? to

/** As `too_many_unix_fds`: a user may have as many in flight as a process may have files. */
export const refuseInFlight = (machine: Machine): number => {
  const { task } = machine.current
  if (machine.netTable.inFlight.counts.of(task.cred.uid) <= rlimit(task, RLIMIT_NOFILE)) return 0
  return capable(machine.lsm, machine.current, CAP_SYS_RESOURCE) ||
    capable(machine.lsm, machine.current, CAP_SYS_ADMIN) ? 0 : -ETOOMANYREFS
}

export const sentInFlight = (machine: Machine, skb: UnixSkb): void => {
  if (skb.files.length === 0) return
  machine.netTable.inFlight.counts.add(skb.payer, skb.files.length)
  const socks = socksOf(machine, skb)
  if (socks.length === 0) return
  machine.netTable.inFlight.flying.add(skb)
  for (const [sock, file] of socks) {
    const known = machine.netTable.inFlight.aloft.get(sock)
    if (known === undefined) machine.netTable.inFlight.aloft.set(sock, { file, times: 1 })
    else known.times++
  }
  // a circle needs a holder that is in flight itself
  if (machine.netTable.inFlight.aloft.has(holderOf(skb))) machine.netTable.inFlight.mayBeCircular = true
}

/** Takes the files of a message out of flight, and returns them. */
export const landedFromFlight = (machine: Machine, skb: UnixSkb): File[] => {
  const { counts, flying, aloft } = machine.netTable.inFlight
  counts.add(skb.payer, -skb.files.length)
  if (flying.delete(skb)) {
    for (const [sock] of socksOf(machine, skb)) if (--aloft.get(sock)!.times === 0) aloft.delete(sock)
  }
  return skb.files.splice(0)
}

/** For each socket in flight, the sockets that its messages refer to. */
const keptBySocks = (machine: Machine): Map<UnixSock, UnixSock[]> => {
  const kept = new Map<UnixSock, UnixSock[]>()
  for (const skb of machine.netTable.inFlight.flying) {
    const holder = holderOf(skb)
    if (!machine.netTable.inFlight.aloft.has(holder)) continue
    const all = kept.get(holder) ?? []
    for (const [sock] of socksOf(machine, skb)) all.push(sock)
    kept.set(holder, all)
  }
  return kept
}

/** `first`, and all sockets that can be reached from them. */
const reachedFrom = (
  first: readonly UnixSock[], kept: ReadonlyMap<UnixSock, readonly UnixSock[]>,
  isNext: (sock: UnixSock) => boolean,
): void => {
  const rest = [...first]
  for (let sock = rest.pop(); sock !== undefined; sock = rest.pop()) {
    for (const next of kept.get(sock) ?? []) if (isNext(next)) rest.push(next)
  }
}

/** For each socket, the number of references from other sockets in flight. */
const timesKept = (machine: Machine, kept: ReadonlyMap<UnixSock, readonly UnixSock[]>): Map<UnixSock, number> => {
  const times = new Map<UnixSock, number>([...machine.netTable.inFlight.aloft.keys()].map((sock) => [sock, 0]))
  for (const socks of kept.values()) for (const sock of socks) times.set(sock, times.get(sock)! + 1)
  return times
}

/**
 * As `unix_gc`: the sockets that only messages refer to, and that no program can receive any more. The time is linear
 * in messages and sockets; nothing is done while there cannot be a circle.
 */
export const unreachableInFlight = (machine: Machine): Set<UnixSock> => {
  const lost = new Set<UnixSock>()
  if (!machine.netTable.inFlight.mayBeCircular || machine.netTable.inFlight.aloft.size === 0) return lost
  const kept = keptBySocks(machine)
  const times = timesKept(machine, kept)
  // sockets that are open, or in the queue of a socket that is not in flight
  const safe: UnixSock[] = []
  for (const [sock, { file, times: inFlight }] of machine.netTable.inFlight.aloft) {
    if (file.f_count > inFlight || inFlight > times.get(sock)!) safe.push(sock)
    else lost.add(sock)
  }
  reachedFrom(safe, kept, (sock) => lost.delete(sock))
  // the rest, without sockets that no circle refers to
  const loose = [...machine.netTable.inFlight.aloft.keys()].filter((sock) => times.get(sock) === 0)
  let left = machine.netTable.inFlight.aloft.size - loose.length
  reachedFrom(loose, kept, (sock) => {
    const still = times.get(sock)! - 1
    times.set(sock, still)
    if (still > 0) return false
    left--
    return true
  })
  machine.netTable.inFlight.mayBeCircular = left > 0
  return lost
}
