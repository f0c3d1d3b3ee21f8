/** In what section of code a path is: asleep or not, under RCU or a lock. */
import type { Session } from '../session.ts'

export const isSleepable = (session: Session): boolean => session.program.sleepable || session.state.inSleepable

/** Objects that RCU frees stay: a read lock or a spin lock is held, or the program cannot sleep. */
export const inRcuSection = (session: Session): boolean =>
  session.state.rcu > 0 || session.state.lock !== null || !isSleepable(session)
