/** Questions that a policy and a wall are both asked: may a confined program do this? */

/** Acts on a path. Making, removing and moving are done to an entry, and decided by its directory. */
export const pathRights = [
  'read', 'list', 'write', 'truncate', 'make', 'make-dir', 'make-link', 'make-pipe', 'remove', 'remove-dir', 'move',
  'attributes', 'execute', 'make-device',
] as const
export type PathRight = (typeof pathRights)[number]

/** Rights over an entry of a directory. */
export const entryRights: ReadonlySet<PathRight> = new Set([
  'make', 'make-dir', 'make-link', 'make-pipe', 'remove', 'remove-dir', 'move', 'make-device',
])

export interface PathQuestion {
  readonly kind: 'path'
  readonly right: PathRight
  /** As programs of the box see it. */
  readonly path: string
  /** The same place on the host. */
  readonly host: string
}

export interface PortQuestion {
  readonly kind: 'connect' | 'listen'
  readonly port: number
}

/** A connection of TCP to a host of the network, by name or address. */
export interface HostQuestion {
  readonly kind: 'host'
  readonly host: string
  readonly port: number
}

/** A UNIX socket that has this path. */
export interface UnixQuestion {
  readonly kind: 'unix'
  readonly path: string
  readonly host: string
}

export interface SocketQuestion {
  readonly kind: 'socket'
  /** Numbers of socket(2). */
  readonly family: number
  readonly type: number
  readonly protocol: number
}

/** Two UNIX sockets that are joined when they are made (socketpair(2)). Those of datagrams can send elsewhere. */
export interface PairQuestion {
  readonly kind: 'pair'
  readonly type: number
}

/** A system call that a program without privilege may or may not use. */
export interface CallQuestion {
  readonly kind: 'call'
  readonly name: string
}

/** Reaching something outside of the box. */
export interface OutsideQuestion {
  readonly kind: 'outside'
  readonly what: 'signal' | 'abstract-socket' | 'ipc'
}

export type Question =
  | PathQuestion | PortQuestion | HostQuestion | UnixQuestion | SocketQuestion | PairQuestion | CallQuestion
  | OutsideQuestion

/** Whether something lets a program do what is asked. */
export type Answers = (question: Question) => boolean

/** A question in words: `write /out/log`, `connect to 443`. */
export const questionText = (question: Question): string => {
  switch (question.kind) {
    case 'path': return `${question.right} ${question.path}`
    case 'connect': return `connect to port ${question.port} of the loopback`
    case 'listen': return `listen on port ${question.port}`
    case 'host': {
      const { host, port } = question
      return `connect to ${host.includes(':') ? `[${host}]` : host}:${port}`
    }
    case 'unix': return `connect to the UNIX socket ${question.path}`
    case 'socket': return `socket(${question.family}, ${question.type}, ${question.protocol})`
    case 'pair': return `socketpair(1, ${question.type})`
    case 'call': return `call ${question.name}`
    case 'outside': return outsideTexts[question.what]
  }
}

const outsideTexts: Readonly<Record<OutsideQuestion['what'], string>> = {
  signal: 'send a signal to a process outside', 'abstract-socket': 'connect to an abstract UNIX socket outside',
  ipc: 'open a queue or a segment of System V outside',
}

/** Whether `path` is `top` or lies below it. Both are normal. */
export const isBeneath = (path: string, top: string): boolean =>
  top === '/' || path === top || path.startsWith(`${top}/`)

/** The directory that holds an entry. */
export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'
