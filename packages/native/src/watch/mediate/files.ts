/** Files under mediation: the mirror's kernel is asked with the path, and the host is changed by descriptors. */
import {
  __O_TMPFILE, AT_FDCWD, AT_REMOVEDIR, AT_SYMLINK_FOLLOW, AT_SYMLINK_NOFOLLOW, EACCES, EEXIST, ENODATA, ENOENT, ENXIO,
  LANDLOCK_ACCESS_FS_TRUNCATE, O_ACCMODE, O_APPEND, O_CLOEXEC, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK,
  O_PATH, O_RDONLY, O_RDWR, O_TRUNC, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG,
} from '@lsmkit/abi'
import { LATER } from './asked.ts'
import type { Answer, Asked, Mediating } from './asked.ts'
import { isDirectoryMode } from '../host-places.ts'
import type { HostPlace } from '../host-places.ts'
import { directoryOf, makeRight, moveNeeds, openRights, plainAnswer, removeRight } from '../needs.ts'
import { READABLE } from '../waits.ts'
import type { ChangeRequest, MakeRequest, MoveRequest, OpenRequest, RemoveRequest } from '../requests.ts'

/** Flags that the mirror's kernel is asked with. */
const ASKED_FLAGS =
  O_ACCMODE | O_APPEND | O_CREAT | O_DIRECTORY | O_EXCL | O_NOFOLLOW | O_PATH | O_TRUNC | __O_TMPFILE

/** A name that is the same on both sides: in its directory, or the file itself. */
type Held = HostPlace | number

/** Runs `step` with a place, whose descriptors are given back. */
const holding = (mediator: Mediating, place: Held, step: (place: HostPlace) => Answer): Answer => {
  if (typeof place === 'number') return place
  mediator.about = place.path === '' ? null : place.path
  try {
    return step(place)
  } finally {
    mediator.places.closeAll(place)
  }
}

/** A device without a driver, a pipe without a reader: the modules have agreed by then. */
const agreed = (rc: number): boolean => rc >= 0 || rc === -ENXIO

const askOpen = (mediator: Mediating, { of }: Asked, path: string, flags: number, mode: number): number => {
  const { sys } = mediator.mirror.kernel
  return mediator.ask(() => {
    const fd = sys.openat(of.task, AT_FDCWD, path, (flags & ASKED_FLAGS) | O_NONBLOCK, mode)
    if (fd >= 0) sys.close(of.task, fd)
    return fd
  })
}

/** The task gets the descriptor. */
const give = (mediator: Mediating, { call }: Asked, fd: number, flags: number): Answer => {
  if (fd < 0) return fd
  const rc = call.replyWithDescriptor(fd, flags & O_CLOEXEC)
  mediator.hands.close(fd)
  return rc < 0 ? rc : LATER
}

/** A pipe is open when there is an end on the other side. It is looked for, since a call cannot wait here. */
const openPipe = (mediator: Mediating, asked: Asked, place: HostPlace, request: OpenRequest): Answer => {
  const { hands, places } = mediator
  const held = { ...place, fd: hands.open(place, O_PATH, 0) }
  const { id } = asked.call
  const finish = (fd: number): boolean => {
    if (fd >= 0) hands.setBlocking(fd)
    asked.call.replyLater(id, fd, request.flags & O_CLOEXEC)
    hands.close(fd)
    places.close(held.fd)
    return true
  }
  if ((request.flags & O_ACCMODE) === O_RDONLY) {
    const fd = hands.open(place, request.flags | O_NONBLOCK, 0)
    mediator.waits.add({ fd, events: READABLE, step: () => (hands.isReady(fd) ? finish(fd) : false) })
    return LATER
  }
  mediator.waits.add({
    fd: -1, events: 0,
    step: () => {
      if (!asked.call.isStillWaiting(id)) return finish(-ENOENT)
      const fd = hands.open(held, request.flags | O_NONBLOCK, 0)
      return fd === -ENXIO ? false : finish(fd)
    },
  })
  return LATER
}

const openExisting = (mediator: Mediating, asked: Asked, place: HostPlace, request: OpenRequest): Answer => {
  const { flags, mode } = request
  // a pipe, a socket or a file without a name is its own
  if (place.path !== '') {
    const isAsked = (flags & O_PATH) === 0 && plainAnswer(flags, place.mode) === 0
    const rights = isAsked ? openRights(flags, isDirectoryMode(place.mode), false) : 0
    const rc = mediator.within({ path: place.path, rights }) || mediator.mirror.show(place)
    if (rc < 0) return rc
    const asks = askOpen(mediator, asked, place.path, flags, mode)
    if (!agreed(asks)) return asks
  }
  const isPipe = (place.mode & S_IFMT) === S_IFIFO
  if (isPipe && (flags & (O_NONBLOCK | O_PATH)) === 0 && (flags & O_ACCMODE) !== O_RDWR && !mediator.waits.isFull) {
    return openPipe(mediator, asked, place, request)
  }
  return give(mediator, asked, mediator.hands.open(place, flags, mode), flags)
}

const openNew = (mediator: Mediating, asked: Asked, entry: HostPlace, { flags, mode }: OpenRequest): Answer => {
  const { mirror, hands } = mediator
  const make = { path: directoryOf(entry.path), rights: makeRight(S_IFREG) }
  let rc = mediator.within(make, { path: entry.path, rights: openRights(flags, false, true) }) ||
    mirror.showAbsent(entry.path)
  if (rc === 0) rc = askOpen(mediator, asked, entry.path, flags, mode & 0o777)
  if (!agreed(rc)) return rc
  const fd = hands.create(asked.tid, entry, flags, mode)
  if (fd < 0) {
    mirror.forget(entry.path)
    return fd
  }
  keep(mediator, entry)
  return give(mediator, asked, fd, flags)
}

/** What was made on the host has the labels that it got in the mirror. */
const keep = (mediator: Mediating, entry: HostPlace): void => {
  const made = mediator.places.inDirectory(entry)
  if (typeof made === 'number') mediator.mirror.forget(entry.path)
  else {
    mediator.mirror.keep(made)
    mediator.places.close(made.fd)
  }
}

export const mediateOpen = (mediator: Mediating, asked: Asked, request: OpenRequest): Answer => {
  const { places } = mediator
  const { name, flags, resolve } = request
  const found = places.file(asked.tid, name, resolve)
  if (typeof found !== 'number') {
    return holding(mediator, found, (place) => openExisting(mediator, asked, place, request))
  }
  if (found !== -ENOENT) return found
  return holding(mediator, places.entry(asked.tid, name), (entry) => {
    if ((flags & O_CREAT) !== 0 && entry.fd < 0) return openNew(mediator, asked, entry, request)
    // it is a link that leads nowhere, or a name that was not there
    return askAbsent(mediator, asked, entry, flags)
  })
}

/** The directories on the way are asked for, so that a name that is not there is no way to learn what is. */
const askAbsent = (mediator: Mediating, asked: Asked, entry: HostPlace, flags: number): number => {
  if ((flags & O_CREAT) !== 0) return -ENOENT
  const rc = mediator.mirror.showAbsent(entry.path)
  const asks = rc < 0 ? rc : askOpen(mediator, asked, entry.path, flags, 0)
  return asks < 0 ? asks : -ENOENT
}

const entryOf = (
  mediator: Mediating, { tid }: Asked, name: MakeRequest['name'], step: (entry: HostPlace) => Answer,
): Answer => holding(mediator, mediator.places.entry(tid, name), step)

/** Both names are shown in the mirror: those that are there, and those that are not. */
const showEntry = ({ mirror }: Mediating, entry: HostPlace): number =>
  entry.fd >= 0 ? mirror.show(entry) : mirror.showAbsent(entry.path)

export const mediateMake = (mediator: Mediating, asked: Asked, request: MakeRequest): Answer =>
  entryOf(mediator, asked, request.name, (entry) => {
    const { mirror: { kernel: { sys } }, hands } = mediator
    const { of: { task }, tid } = asked
    const { what, mode, device, target } = request
    const type = what === 'directory' ? S_IFDIR : what === 'symlink' ? S_IFLNK : mode
    const rights = entry.fd < 0 ? makeRight(type) : 0
    const shown = mediator.within({ path: directoryOf(entry.path), rights }) || showEntry(mediator, entry)
    if (shown < 0) return shown
    const rc = mediator.ask(() =>
      what === 'directory' ? sys.mkdirat(task, AT_FDCWD, entry.path, mode & 0o777)
        : what === 'symlink' ? sys.symlinkat(task, target, AT_FDCWD, entry.path)
          : sys.mknodat(task, AT_FDCWD, entry.path, mode & ~0o7000, device))
    if (rc < 0) return rc
    const made = what === 'directory' ? hands.makeDirectory(tid, entry, mode)
      : what === 'symlink' ? hands.makeLink(entry, target) : hands.makeNode(tid, entry, mode, device)
    if (made < 0) mediator.mirror.forget(entry.path)
    else keep(mediator, entry)
    return made
  })

export const mediateRemove = (mediator: Mediating, asked: Asked, { name, isDirectory }: RemoveRequest): Answer =>
  entryOf(mediator, asked, name, (entry) => {
    const rights = entry.fd < 0 ? 0 : removeRight(isDirectory ? S_IFDIR : 0)
    const shown = mediator.within({ path: directoryOf(entry.path), rights }) || showEntry(mediator, entry)
    if (shown < 0) return shown
    // what the host's directory holds is not in the mirror
    if (isDirectory) mediator.mirror.empty(entry.path)
    const { sys } = mediator.mirror.kernel
    const rc = mediator.ask(() =>
      sys.unlinkat(asked.of.task, AT_FDCWD, entry.path, isDirectory ? AT_REMOVEDIR : 0))
    if (rc < 0) return rc
    const done = mediator.hands.remove(entry, isDirectory)
    mediator.mirror.drop(entry)
    return done
  })

const both = (
  mediator: Mediating, asked: Asked, { name, to }: MoveRequest, ask: (from: HostPlace, to: HostPlace) => Answer,
): Answer => entryOf(mediator, asked, name, (from) => entryOf(mediator, asked, to, (next) => {
  mediator.about = from.path
  const shown = (from.fd < 0 ? 0 : mediator.within(...moveNeeds(from, next, true))) ||
    Math.min(showEntry(mediator, from), showEntry(mediator, next))
  return shown < 0 ? shown : ask(from, next)
}))

export const mediateMove = (mediator: Mediating, asked: Asked, request: MoveRequest): Answer =>
  both(mediator, asked, request, (from, to) => {
    const { mirror, hands } = mediator
    const all = Math.min(mirror.showAllBelow(from), to.fd >= 0 ? mirror.showAllBelow(to) : 0)
    if (all < 0) return all
    const rc = mediator.ask(() =>
      mirror.kernel.sys.renameat2(asked.of.task, AT_FDCWD, from.path, AT_FDCWD, to.path, request.flags))
    if (rc < 0) return rc
    const done = hands.move(from, to, request.flags)
    // below both names other files lie by now; each has its labels by its number
    mirror.moved(from.path, to.path)
    return done
  })

export const mediateLink = (mediator: Mediating, asked: Asked, request: MoveRequest): Answer => {
  const { places, mirror, hands } = mediator
  const follows = request.name.follows
  const found = follows ? places.file(asked.tid, request.name) : places.entry(asked.tid, request.name)
  return holding(mediator, found, (from) => entryOf(mediator, asked, request.to, (to) => {
    if (from.fd < 0) return -ENOENT
    if (to.fd >= 0) return -EEXIST
    if (from.path === '') return -EACCES
    mediator.about = from.path
    const shown = mediator.within(...moveNeeds(from, to, false)) ||
      Math.min(mirror.show(from), mirror.showAbsent(to.path))
    if (shown < 0) return shown
    const flags = request.flags & AT_SYMLINK_FOLLOW
    const rc = mediator.ask(() =>
      mirror.kernel.sys.linkat(asked.of.task, AT_FDCWD, from.path, AT_FDCWD, to.path, flags))
    if (rc < 0) return rc
    const done = hands.link(from, to)
    mirror.forget(to.path)
    return done
  }))
}

const askChange = (mediator: Mediating, { of: { task } }: Asked, request: ChangeRequest, place: HostPlace): number => {
  const { sys } = mediator.mirror.kernel
  const { path } = place
  const { what, a, b, attribute, value } = request
  const isLink = (place.mode & S_IFMT) === S_IFLNK
  switch (what) {
    case 'mode': return sys.fchmodat(task, AT_FDCWD, path, a & 0o777)
    case 'owner': return sys.fchownat(task, AT_FDCWD, path, a, b, isLink ? AT_SYMLINK_NOFOLLOW : 0)
    case 'size': return sys.truncate(task, path, 0)
    case 'attribute':
      return isLink ? sys.lsetxattr(task, path, attribute, value, b) : sys.setxattr(task, path, attribute, value, b)
    case 'no-attribute':
      return isLink ? sys.lremovexattr(task, path, attribute) : sys.removexattr(task, path, attribute)
    default: return what satisfies never
  }
}

const SECURITY = 'security.'

export const mediateChange = (mediator: Mediating, asked: Asked, request: ChangeRequest): Answer => {
  const { places, mirror, hands } = mediator
  const { name, what, attribute } = request
  const isDescriptor = name.path === ''
  // the descriptor that was looked at is the one that is changed
  const copy = isDescriptor && name.at !== AT_FDCWD ? mediator.host.copyDescriptor(asked.tid, name.at) : -1
  if (isDescriptor && name.at !== AT_FDCWD && copy < 0) return copy
  const found = copy >= 0 ? places.held(copy) : places.file(asked.tid, name)
  return holding(mediator, found, (place) => {
    if (place.path === '') return hands.change(request, place.fd)
    const rights = what === 'size' ? LANDLOCK_ACCESS_FS_TRUNCATE : 0
    const shown = mediator.within({ path: place.path, rights }) || mirror.show(place)
    if (shown < 0) return shown
    const rc = mediator.ask(() => askChange(mediator, asked, request, place))
    const isLabel = attribute.startsWith(SECURITY)
    if (rc < 0 && (mediator.wasRefused || (rc !== -ENODATA || isLabel))) return rc
    if (isLabel) {
      // labels are the mirror's: the host's own need privileges
      mirror.keep(place)
      return rc
    }
    const done = hands.change(request, place.fd)
    if (what !== 'size') mirror.keep(places.again(place))
    return done
  })
}
