/** How long calls on sockets sleep: without a limit, not at all, or as long as SO_RCVTIMEO and SO_SNDTIMEO say. */
import { EAGAIN, SO_RCVTIMEO, SO_SNDTIMEO } from '@lsmkit/abi'
import type { Machine } from '../machine.ts'
import { timevalOf } from '../state/timespec.ts'
import type { Timeval } from '../state/timespec.ts'
import type { WaitQueue } from '../state/vfs/wait.ts'
import type { SockState } from '../state/net/proto.ts'

/** The kernel counts these times in jiffies: CONFIG_HZ is 250. */
const JIFFY_MS = 4
const USEC_PER_SEC = 1_000_000

export const isTimeval = (value: unknown): value is Timeval =>
  typeof value === 'object' && value !== null && 'tv_sec' in value && 'tv_usec' in value &&
  typeof value.tv_sec === 'number' && typeof value.tv_usec === 'number'

/** As `sock_set_timeout`: milliseconds, 0 for a time that is over already; null where there is no such time. */
export const timeoOf = ({ tv_sec, tv_usec }: Timeval): number | null => {
  if (!(tv_usec >= 0 && tv_usec < USEC_PER_SEC)) return null
  if (tv_sec < 0) return 0
  return tv_sec === 0 && tv_usec === 0 ? Infinity : tv_sec * 1000 + Math.ceil(tv_usec / 1000 / JIFFY_MS) * JIFFY_MS
}
/** As `sock_get_timeout`. */
export const timeoValue = (ms: number): Timeval => timevalOf(ms === Infinity ? 0 : ms)

const sleep = (machine: Machine, call: string, wait: WaitQueue, ms: number, over: number): number =>
  ms === 0 ? over : machine.deadlines.sleep(call, wait, ms, over)

const sendTime = ({ options }: SockState, nonblock: boolean): number =>
  nonblock ? 0 : (options.get(SO_SNDTIMEO) ?? Infinity)

/** Until there is something to take: a message, a connection. */
export const waitForInput = (machine: Machine, { options, wait }: SockState, nonblock: boolean): number =>
  sleep(machine, 'receive', wait, nonblock ? 0 : (options.get(SO_RCVTIMEO) ?? Infinity), -EAGAIN)

/** Until there is room at `wait`, for a message or a connection. */
export const waitForRoom = (machine: Machine, sock: SockState, wait: WaitQueue, nonblock: boolean): number =>
  sleep(machine, 'send', wait, sendTime(sock, nonblock), -EAGAIN)

/** Until the other side has answered. `over` for the call that asks, `overAgain` for one that finds it asked. */
export const waitForAnswer = (
  machine: Machine, sock: SockState, isFirst: boolean, over: number, overAgain: number,
): number => {
  const isMadeAgain = isFirst || machine.deadlines.isSet('connect')
  return isMadeAgain
    ? sleep(machine, 'connect', sock.wait, sendTime(sock, false), over)
    : sleep(machine, 'connect again', sock.wait, sendTime(sock, false), overAgain)
}
