/** The column `extra` of smack-fs: what process 1, the program or the other task sees when the subject has acted. */
import { AT_SECURE, MSG_DONTWAIT, S_ISDIR, XATTR_NAME_SMACK, XATTR_NAME_SMACKTRANSMUTE } from '@lsmkit/abi'
import { Kstat, threadOf } from '@lsmkit/kernel'
import type { Actor } from '../c/actor.ts'
import type { OutcomeKind } from '../operations/operation.ts'
import type { Stage } from '../operations/stage.ts'

interface Played {
  readonly rc: number
  readonly actor: Actor
  readonly stage: Stage
}

const attribute = ({ sys }: Actor, path: string, name: string): string | null => {
  const value = new Uint8Array(256)
  const size = sys.lgetxattr(path, name, value)
  return size < 0 ? null : new TextDecoder().decode(value.subarray(0, size))
}

const labelOf = (world: Actor, path: string): string => {
  const stat = new Kstat()
  if (world.sys.lstat(path, stat) < 0) return ''
  // of what does not transmute the attribute is empty
  const transmutes = S_ISDIR(stat.mode) && attribute(world, path, XATTR_NAME_SMACKTRANSMUTE) === 'TRUE'
  return `label=${attribute(world, path, XATTR_NAME_SMACK)}${transmutes ? ',transmute' : ''}`
}

/** What the new program finds of itself. */
const programOf = ({ kernel, task }: Actor): string => {
  const secure = new Map(threadOf(task).image?.auxv ?? []).get(AT_SECURE) ?? 0
  const current = kernel.sys.open(task, '/proc/self/attr/smack/current', 0, 0)
  const buf = new Uint8Array(256)
  const size = kernel.sys.read(task, current, buf)
  const label = size < 0 ? '' : new TextDecoder().decode(buf.subarray(0, size)).replace(/\0$/, '')
  return `label=${label},secure=${secure}`
}

/** Whether the datagram is there: yes, no, or there and not to be had. */
const delivered = (other: Actor, socket: number): string => {
  const came = { fd: socket, events: 1, revents: 0 }
  if (other.sys.poll([came], 1, 0) <= 0) return 'delivered=n'
  return other.sys.recvfrom(socket, new Uint8Array(8), 8, MSG_DONTWAIT, null, null) < 0 ? 'delivered=e' : 'delivered=y'
}

export const outcomeText = (world: Actor, { rc, actor, stage }: Played, tells?: OutcomeKind): string => {
  const { machine } = stage
  switch (tells?.[0]) {
    case undefined: return ''
    case 'label': return labelOf(world, tells![1]!)
    case 'removed': return rc < 0 ? '' : labelOf(world, tells![1]!)
    case 'program': return rc < 0 ? '' : programOf(actor)
    case 'received': return rc < 0 ? '' : machine.text(machine.addressOf('note')!)!
    case 'delivered': return delivered(stage.other!, stage.get('t'))
    default: throw new Error(`smack-fs does not print \`${tells![0]}\``)
  }
}
