/** Sockets of one machine: the parts put together in the order they need one another. */
import { AF_UNIX } from '@lsmkit/abi'
import type { KeyMap } from '@lsmkit/core'
import type { Machine } from '../machine.ts'
import { socketMessages } from './messages.ts'
import { scmParts } from './scm.ts'
import { sockfs } from './sockfs.ts'
import { socks } from './socks.ts'
import { unixFamily } from './unix/unix.ts'

export const createNet = (lsm: KeyMap, machine: Machine) => {
  const messages = socketMessages(lsm)
  const files = sockfs(lsm, machine, () => messages)
  const sockets = socks(lsm, machine, files)
  const scm = scmParts(lsm, machine)
  const unix = unixFamily(lsm, machine, sockets, scm)
  sockets.families.set(AF_UNIX, unix.create)
  return { ...files, ...sockets, ...messages, unix }
}
export type Net = ReturnType<typeof createNet>
