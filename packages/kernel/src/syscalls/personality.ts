/** Small per-process settings: personality and the file creation mask. */
import { S_IRWXUGO } from '@lsmkit/abi'
import type { Machine } from '../machine.ts'

const QUERY = 0xffffffff

export const personalitySyscalls = ({ current }: Machine) => ({
  /** 0xffffffff only asks. */
  personality: (persona: number): number => {
    const old = current.task.personality
    if (persona >>> 0 !== QUERY) current.task.personality = persona >>> 0
    return old
  },
  umask: (mask: number): number => {
    const { fs } = current.task
    if (fs === null) return 0
    const old = fs.umask
    fs.umask = mask & S_IRWXUGO
    return old
  },
})
