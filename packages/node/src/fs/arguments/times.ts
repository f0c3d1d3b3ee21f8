/** Times as arguments: seconds, digits, or a date. */
import { wrongType } from './argument-error.ts'

export type Time = number | string | Date

/** Milliseconds since the epoch, with a fraction. A negative number is now, as Node has it. */
export const msOf = (time: unknown, name = 'time'): number => {
  if (time instanceof Date) {
    const ms = Date.prototype.getTime.call(time)
    if (!Number.isNaN(ms)) return ms
  }
  const seconds = typeof time === 'string' && time.trim() !== '' ? Number(time) : time
  if (typeof seconds === 'number' && Number.isFinite(seconds)) {
    return seconds < 0 && typeof time === 'number' ? Date.now() : seconds * 1000
  }
  throw wrongType(name, ['Date', 'Time in seconds'], time)
}
