/** The kinds of sessions that can be recorded: a table of operations and a generator each. */
import { cgroupSessions } from '../../src/sessions/cgroup.ts'
import { epollSessions } from '../../src/sessions/epoll.ts'
import type { SessionOperations } from '../../src/sessions/player.ts'
import { landlockSessions } from '../../src/sessions/landlock.ts'
import { overlaySessions } from '../../src/sessions/overlay.ts'
import { lockdownSessions } from '../../src/sessions/small.ts'
import { generateCgroup } from './cgroup.ts'
import { generateEpoll } from './epoll.ts'
import { generateLandlock } from './landlock.ts'
import { generateLoadpin } from './loadpin.ts'
import { generateLockdown } from './lockdown.ts'
import { generateNative } from './native.ts'
import { generateOverlay } from './overlay.ts'
import { generateSafesetid } from './safesetid.ts'

interface Recorded {
  readonly operations: SessionOperations
  /** `more`: operations of a session, or for LoadPin the root digest of its disk. */
  generate(seed: number, count: number, more?: string): Iterable<string>
}

const { operations: small } = lockdownSessions

export const kinds: ReadonlyMap<string, Recorded> = new Map(Object.entries({
  overlay: { operations: overlaySessions.operations, generate: generateOverlay },
  landlock: { operations: landlockSessions.operations, generate: generateLandlock },
  native: { operations: landlockSessions.operations, generate: generateNative },
  cgroup: { operations: cgroupSessions.operations, generate: generateCgroup },
  epoll: { operations: epollSessions.operations, generate: generateEpoll },
  lockdown: { operations: small, generate: generateLockdown },
  safesetid: { operations: small, generate: generateSafesetid },
  loadpin: { operations: small, generate: generateLoadpin },
}))
