/** Small per-process settings: personality and the file creation mask. */
import { S_IRWXUGO } from '@lsmkit/abi'
import type { Machine } from '../machine.ts'

const QUERY = 0xffffffff

/** 0xffffffff reads the value without a change. */
const personality = (machine: Machine, persona: number): number => {
  const old = machine.current.task.personality
  if (persona >>> 0 !== QUERY) machine.current.task.personality = persona >>> 0
  return old
}

const umask = (machine: Machine, mask: number): number => {
  const { fs } = machine.current.task
  if (fs === null) return 0
  const old = fs.umask
  fs.umask = mask & S_IRWXUGO
  return old
}

export const personalitySyscalls = { personality, umask }
