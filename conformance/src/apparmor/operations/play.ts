/** How one operation is played: what was asked for in, a number and a text out. */
import { ownValue } from '@lsmkit/abi'
import { decodeName } from '@lsmkit/kernel'
import { namedNumber } from '../../named-number.ts'
import { percentBytes } from '../percent.ts'
import type { Actor, World } from '../world.ts'

/** 0 or more, or -errno; and what the recording calls the result. */
export type Answer = readonly [rc: number, result?: string]

export type Play = (world: World, actor: Actor, args: readonly string[]) => Answer

/** A number, or C names with `|` between them. */
export const num = (text = '0'): number => namedNumber(text)

export const bytes = (text = ''): Uint8Array => percentBytes(text)
export const name = (text = ''): string => decodeName(percentBytes(text))

/** The descriptor in a slot, -1 where it is empty. */
export const slot = ({ slots }: Actor, text = '-1'): number => slots.get(Number(text)) ?? -1

/** Puts a descriptor that was opened into a slot; one that was there before is closed. */
export const keep = ({ kernel }: World, actor: Actor, text: string | undefined, fd: number): Answer => {
  if (fd < 0) return [fd]
  const old = slot(actor, text)
  if (old >= 0) kernel.sys.close(actor.task, old)
  actor.slots.set(Number(text), fd)
  return [0]
}

/** A call whose arguments go over as they are: p a name, n a number, s a slot, d data. */
export const plain = (call: string, kinds: string): Play => ({ kernel }, actor, args) => {
  const of: Readonly<Record<string, (text: string | undefined) => unknown>> = {
    p: name, n: num, d: bytes, s: (text) => slot(actor, text),
  }
  const given = [...kinds].map((kind, i) => ownValue(of, kind)!(args[i]))
  return [kernel.syscall(actor.task, call, ...given)]
}
