/** Sockets under mediation: a socket of the task's in the mirror's kernel is asked, and the program's own is used. */
import {
  AF_UNIX, AT_FDCWD, EACCES, EALREADY, EINPROGRESS, EISCONN, ENOENT, EPERM,
  LANDLOCK_ACCESS_FS_MAKE_SOCK, LANDLOCK_ACCESS_FS_RESOLVE_UNIX, MSG_DONTWAIT, SOCK_STREAM,
} from '@lsmkit/abi'
import { askConnect, sockaddrUn } from '@lsmkit/kernel'
import type { HostPlace } from '../host-places.ts'
import { GO_ON, LATER } from './asked.ts'
import type { Answer, Asked, Mediating } from './asked.ts'
import { directoryOf, portRights, socketAddress } from '../needs.ts'
import { WRITABLE } from '../waits.ts'
import type { SocketRequest } from '../requests.ts'

/** A socket of the same kind in the mirror's kernel, for one question. */
const withSocket = (
  mediator: Mediating, { of: { task } }: Asked, family: number, type: number, step: (fd: number) => number,
): number => mediator.ask(() => {
  const { sys } = mediator.mirror.kernel
  const fd = sys.socket(task, family, type, 0)
  if (fd < 0) return fd
  const rc = step(fd)
  sys.close(task, fd)
  return rc
})

/** What modules have refused; the mirror's own network answers nothing that counts. */
const refusal = (mediator: Mediating, rc: number): number => (rc < 0 && mediator.wasRefused ? rc : 0)

/** What the socket does with the address. */
type Use = SocketRequest['what'] | 'send'

export const askAddress = (
  mediator: Mediating, asked: Asked, what: Use, address: Uint8Array, type: number,
): number => {
  const { kernel } = mediator.mirror
  const { family } = socketAddress(address)
  const { task } = asked.of
  if (what === 'connect' && type === SOCK_STREAM && family !== AF_UNIX) {
    return refusal(mediator, mediator.ask(() => askConnect(kernel, task, address)))
  }
  return refusal(mediator, withSocket(mediator, asked, family, type, (fd) =>
    what === 'bind' ? kernel.sys.bind(task, fd, address, address.length)
      : what === 'connect' ? kernel.sys.connect(task, fd, address, address.length)
        : kernel.sys.sendto(task, fd, new Uint8Array(1), 1, MSG_DONTWAIT, address, address.length)))
}

/** The socket's file is held, and used as it was looked at: a name that changes gains nothing. */
export const atPath = (
  mediator: Mediating, asked: Asked, what: Use, path: string, step: (place: HostPlace) => Answer,
): Answer => {
  const { places } = mediator
  const name = { at: AT_FDCWD, path, follows: what !== 'bind' }
  const place: HostPlace | number =
    what === 'bind' ? places.entry(asked.tid, name) : places.file(asked.tid, name)
  if (typeof place === 'number') return place
  mediator.about = place.path === '' ? null : place.path
  try {
    return place.path === '' ? -ENOENT : step(place)
  } finally {
    places.closeAll(place)
  }
}

/** It is shown in the mirror, so that its path and label are asked for. */
export const askPath = (
  mediator: Mediating, asked: Asked, what: Use, place: HostPlace, type: number,
): number => {
  const { mirror } = mediator
  const need = what === 'bind' ? { path: directoryOf(place.path), rights: LANDLOCK_ACCESS_FS_MAKE_SOCK }
    : { path: place.path, rights: LANDLOCK_ACCESS_FS_RESOLVE_UNIX }
  const within = mediator.within(need)
  if (within < 0) return within
  const shown = place.fd >= 0 ? mirror.show(place) : mirror.showAbsent(place.path)
  if (shown < 0) return shown
  const rc = askAddress(mediator, asked, what, sockaddrUn(place.path), type)
  // the host makes the socket's file: another one than the mirror's
  if (what === 'bind') mirror.forget(place.path)
  return rc
}

const connect = (mediator: Mediating, asked: Asked, fd: number, address: Uint8Array): Answer => {
  const { hands, waits } = mediator
  const { rc, wasBlocking } = hands.connect(asked.tid, fd, address)
  if (!wasBlocking || (rc !== -EINPROGRESS && rc !== -EALREADY)) {
    return rc === -EISCONN && wasBlocking ? 0 : rc
  }
  const { id } = asked.call
  waits.add({
    fd, events: WRITABLE,
    step: () => {
      if (asked.call.isStillWaiting(id)) {
        if (!hands.isWritable(fd)) return false
        asked.call.reply(hands.socketError(fd), id)
      }
      hands.close(fd)
      return true
    },
    close: () => hands.close(fd),
  })
  return LATER
}

/** A connection that is under way keeps the copy of its socket. */
const settle = ({ hands }: Mediating, fd: number, what: Use, answer: Answer): Answer => {
  if (what !== 'connect' || answer !== LATER) hands.close(fd)
  return answer
}

/** Landlock's scope holds the program, and the watcher connects: whose the abstract name is cannot be known before. */
const isForeign = ({ isScoped }: Mediating, what: Use, address: Uint8Array): boolean =>
  isScoped && what === 'connect' && address.length > 2 && socketAddress(address).family === AF_UNIX

/** Whether the policy's rules grant the port of an address, where it has one. */
export const mayUsePort = (mediator: Mediating, fd: number, what: Use, address: Uint8Array): boolean => {
  const { port } = socketAddress(address)
  const right = port === null ? undefined : portRights.get(mediator.hands.socketProtocol(fd))?.[what]
  return right === undefined || mediator.withinPort(port!, right) >= 0
}

export const mediateSocket = (mediator: Mediating, asked: Asked, request: SocketRequest): Answer => {
  const { host, hands } = mediator
  const { address, what } = request
  // too short for a family: the kernel has an answer of its own
  if (address.length < 2) return GO_ON
  const fd = host.copyDescriptor(asked.tid, request.fd)
  if (fd < 0) return fd
  const type = hands.socketType(fd)
  if (type < 0) {
    hands.close(fd)
    return type
  }
  if (!mayUsePort(mediator, fd, what, address)) {
    hands.close(fd)
    return -EACCES
  }
  const { path } = socketAddress(address)
  if (path !== null) {
    return settle(mediator, fd, what, atPath(mediator, asked, what, path, (place) => {
      const rc = askPath(mediator, asked, what, place, type)
      if (rc < 0) return rc
      if (what === 'bind') return hands.bindAt(asked.tid, fd, place)
      return connect(mediator, asked, fd, sockaddrUn(`/proc/self/fd/${place.fd}`))
    }))
  }
  const rc = isForeign(mediator, what, address) ? -EPERM : askAddress(mediator, asked, what, address, type)
  if (rc < 0) return settle(mediator, fd, what, rc)
  return settle(mediator, fd, what,
    what === 'bind' ? hands.bind(asked.tid, fd, address) : connect(mediator, asked, fd, address))
}
