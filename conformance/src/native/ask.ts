/** Asks a kernel, the host's or ours: each question is made of calls that leave no trace. */
import type { Question } from './questions.ts'

/** `null`: this side cannot be asked. */
export type Answer = 'yes' | 'no' | `errno ${number}` | null

export interface Calls {
  open(path: string, flags: number, mode: number): number
  close(fd: number): number
  cut(path: string, size: number): number
  mkdir(path: string): number
  symlink(path: string): number
  fifo(path: string): number | null
  unlink(path: string, flags: number): number
  rename(from: string, to: string): number
  link(from: string, to: string): number
  execute(path: string): number | null
  socket(): number
  connect(fd: number, port: number): number
  bind(fd: number, port: number): number
}

const O_WRONLY = 1
const O_RDWR = 2
const CREATE = 0o301
const O_NONBLOCK = 0o4000
const O_DIRECTORY = 0o200000
const AT_REMOVEDIR = 0x200

// EPERM, EACCES, EXDEV, EROFS
const REFUSALS: ReadonlySet<number> = new Set([1, 13, 18, 30])
/** A port that is allowed has no server: ECONNREFUSED. */
const ECONNREFUSED = 111
const EADDRINUSE = 98

const answerOf = (rc: number): Answer => (rc >= 0 ? 'yes' : REFUSALS.has(-rc) ? 'no' : `errno ${-rc}`)

const opened = (calls: Calls, path: string, flags: number): Answer => {
  const fd = calls.open(path, flags | O_NONBLOCK, 0o644)
  if (fd >= 0) calls.close(fd)
  return answerOf(fd)
}

/** Made, and removed again. */
const made = (calls: Calls, rc: number, path: string, flags = 0): Answer => {
  if (rc < 0) return answerOf(rc)
  const gone = calls.unlink(path, flags)
  return gone === 0 ? 'yes' : `errno ${-gone}`
}

const ofPort = (calls: Calls, ask: (fd: number) => number): Answer => {
  const fd = calls.socket()
  // without any port there are no such sockets
  if (fd < 0) return answerOf(fd)
  const rc = ask(fd)
  calls.close(fd)
  return rc === -ECONNREFUSED || rc === -EADDRINUSE ? 'yes' : answerOf(rc)
}

const moved = (calls: Calls, from: string, to: string): Answer => {
  const rc = calls.rename(from, to)
  if (rc < 0) return answerOf(rc)
  const back = calls.rename(to, from)
  return back === 0 ? 'yes' : `errno ${-back}`
}

const ask = (calls: Calls, { op, path, to = '', port = 0 }: Question): Answer => {
  switch (op) {
    case 'read': return opened(calls, path, 0)
    case 'write': return opened(calls, path, O_WRONLY)
    case 'both': return opened(calls, path, O_RDWR)
    case 'list': return opened(calls, path, O_DIRECTORY)
    case 'cut': return answerOf(calls.cut(path, 12))
    case 'create': {
      const fd = calls.open(path, CREATE, 0o644)
      if (fd >= 0) calls.close(fd)
      return made(calls, fd, path)
    }
    case 'mkdir': return made(calls, calls.mkdir(path), path, AT_REMOVEDIR)
    case 'symlink': return made(calls, calls.symlink(path), path)
    case 'fifo': {
      const rc = calls.fifo(path)
      return rc === null ? null : made(calls, rc, path)
    }
    case 'rename': return moved(calls, path, to)
    case 'link': return made(calls, calls.link(path, to), to)
    case 'execute': {
      const rc = calls.execute(path)
      return rc === null ? null : answerOf(rc)
    }
    case 'connect': return ofPort(calls, (fd) => calls.connect(fd, port))
    case 'bind': return ofPort(calls, (fd) => calls.bind(fd, port))
  }
}

export const answersWith = (calls: Calls, questions: readonly Question[]): Answer[] =>
  questions.map((question) => ask(calls, question))
