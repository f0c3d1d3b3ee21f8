/**
 * Descriptors that were sent and not received: how many of them a user may have, and sockets that only such descriptors
 * keep, in circles that nobody can reach any more (net/unix/garbage.c).
 */
import { AF_UNIX, CAP_SYS_ADMIN, CAP_SYS_RESOURCE, ETOOMANYREFS, RLIMIT_NOFILE } from '@lsmkit/abi'
import { capable } from '@lsmkit/core'
import type { File, KeyMap } from '@lsmkit/core'
import type { Machine } from '../../machine.ts'
import { rlimit } from '../../task/rlimits.ts'
import { opsOf } from '../proto.ts'
import { UnixSock } from './unix-sock.ts'
import type { UnixSkb } from './unix-sock.ts'

export const descriptorsInFlight = (lsm: KeyMap, machine: Machine) => {
  const { current } = machine
  /** Of each user, by uid. */
  const counts = new Map<number, number>()
  /** Messages with descriptors of AF_UNIX sockets. */
  const flying = new Set<UnixSkb>()

  const unixOf = (file: File): UnixSock | null => {
    const socket = machine.net.sock_from_file(file)
    return socket !== null && socket.sk !== null && opsOf(socket).family === AF_UNIX ? UnixSock.of(socket.sk) : null
  }
  const count = (uid: number, more: number): void => {
    const sum = (counts.get(uid) ?? 0) + more
    if (sum === 0) counts.delete(uid)
    else counts.set(uid, sum)
  }

  /** As `too_many_unix_fds`: a user has no more of them than a process may have files. */
  const refuse = (): number => {
    const { task } = current
    if ((counts.get(task.cred.uid) ?? 0) <= rlimit(task, RLIMIT_NOFILE)) return 0
    return capable(lsm, current, CAP_SYS_RESOURCE) || capable(lsm, current, CAP_SYS_ADMIN) ? 0 : -ETOOMANYREFS
  }

  const sent = (skb: UnixSkb): void => {
    if (skb.files.length === 0) return
    count(skb.payer, skb.files.length)
    if (skb.files.some((file) => unixOf(file) !== null)) flying.add(skb)
  }
  /** The message's files, which are in flight no more. */
  const landed = (skb: UnixSkb): File[] => {
    count(skb.payer, -skb.files.length)
    flying.delete(skb)
    return skb.files.splice(0)
  }

  /** Sockets that nothing but messages in flight keeps. */
  const onlyInFlight = (): Set<UnixSock> => {
    const references = new Map<File, number>()
    for (const { files } of flying) for (const file of files) references.set(file, (references.get(file) ?? 0) + 1)
    const found = new Set<UnixSock>()
    for (const [file, times] of references) {
      const sock = unixOf(file)
      if (sock !== null && file.f_count === times) found.add(sock)
    }
    return found
  }

  /** As `unix_gc`: those of them that no queue holds which somebody can still read. */
  const unreachable = (): Set<UnixSock> => {
    const found = onlyInFlight()
    for (let before = -1; before !== found.size; ) {
      before = found.size
      for (const { to, files } of flying) {
        if (found.has(to.listener ?? to)) continue
        for (const file of files) {
          const sock = unixOf(file)
          if (sock !== null) found.delete(sock)
        }
      }
    }
    return found
  }

  return { refuse, sent, landed, unreachable, isAnySocket: () => flying.size > 0 }
}
export type DescriptorsInFlight = ReturnType<typeof descriptorsInFlight>
