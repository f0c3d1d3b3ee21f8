/** The detector and the deflector of `packages/bpf/objects`, attached to a running machine and taken off again. */
import { readFileSync } from 'node:fs'
import type { BpfLink, BpfLsm, LoadedObject } from '@lsmkit/bpf'
import { decodeValue } from '@lsmkit/bpf/maps'
import type { RingBuffer } from '@lsmkit/bpf/maps'
import type { Stack } from '@lsmkit/core'

/** As `enum rule` of deflector.c. */
export const RULE = { writeExecutable: 1, execWritable: 2 } as const

export interface AttachedObjects {
  /** Which rules of the deflector are in force from now on. */
  obey(rules: number): void
  /** Takes both off their hooks; returns the detector's events, oldest first. */
  detach(): readonly DetectorEvent[]
}

export interface DetectorEvent {
  readonly kind: 'open' | 'exec'
  readonly pid: number
  readonly comm: string
  readonly path: string
}

/** The record as detector.c declares it. */
type Told = Omit<DetectorEvent, 'kind'> & { readonly kind: number }

const read = (name: string): Uint8Array =>
  readFileSync(new URL(`../../../packages/bpf/objects/${name}.o`, import.meta.url))

export interface LoadedObjects {
  /** Puts both on their hooks. */
  attach(): AttachedObjects
}

/** Verifies and compiles both. Loads and attaches as process 1: a visitor may not. */
export const loadObjects = (bpf: BpfLsm, stack: Stack, init: Stack['current']['task']): LoadedObjects => {
  const asInit = <T>(what: () => T): T => {
    const { task } = stack.current
    stack.current.task = init
    const made = what()
    stack.current.task = task
    return made
  }
  const [detector, deflector] = asInit(() => ['detector', 'deflector']
    .map((name) => bpf.load(stack, read(name), { name: `${name}.o` }))) as [LoadedObject, LoadedObject]
  return {
    attach: () => {
      // what was attached last runs first, and a refusal ends the hook: the detector is to see it all
      const links: readonly BpfLink[] = asInit(() => [...deflector.attachAll(), ...detector.attachAll()])
      return {
        obey: (rules) => deflector.maps.get('.data')!.set(0, { rules }),
        detach: () => {
          for (const link of links) link.detach()
          return eventsOf(detector)
        },
      }
    },
  }
}

const eventsOf = ({ maps }: LoadedObject): DetectorEvent[] => {
  const { map, types } = maps.get('events')!
  const struct = types!.find('event', 'struct')
  return (map as RingBuffer).consume().map((record) => {
    const { kind, pid, comm, path } = decodeValue(types!, struct, new DataView(record.buffer), 0) as unknown as Told
    return { kind: kind === 1 ? 'open' : 'exec', pid, comm, path }
  })
}
