/** The facts that the walk learnt and a translator needs, by slot. */
import { baseOf } from './reg-type.ts'
import type { Session } from './session.ts'
import type { VerifierMap } from './map.ts'
import type { TypedLoad } from '../vm/object-space.ts'

export interface Aux {
  /** Instructions that some path reaches; the rest is dead. */
  readonly reached: Uint8Array
  /** Base type (reg-type.ts) of the pointer that a load, store or atomic goes through; 0 where there is none. */
  readonly memory: Uint8Array
  /** The pointer is to a kernel object that may be gone: a load that faults gives 0. */
  readonly probes: Uint8Array
  /** Callback (number of the function) of each bpf_loop call that always runs that one without flags. */
  readonly inlineLoops: ReadonlyMap<number, number>
  /** Map (index into the object's) of each helper call that has the same one on every path; not maps inside of maps. */
  readonly callMaps: ReadonlyMap<number, number>
  /** Loads of members of the kernel's structs, where it is one and the same on every path. */
  readonly typedLoads: ReadonlyMap<number, TypedLoad>
  readonly maps: readonly VerifierMap[]
  /** Stack bytes of each function, in the order of their starts. */
  readonly stackDepths: readonly number[]
  readonly subprogramStarts: readonly number[]
  /** Function of the program that an exception runs; -1 for none. */
  readonly exceptionCallback: number
}

const PTR_TO_BTF_ID = 16

const callMapsOf = (session: Session): Map<number, number> => {
  const found = new Map<number, number>()
  for (const [slot, map] of session.callMaps) {
    const index = map === null ? -1 : session.maps.indexOf(map)
    if (index >= 0) found.set(slot, index)
  }
  return found
}

export const auxOf = (session: Session): Aux => ({
  reached: session.seen,
  memory: Uint8Array.from(session.pointerTypes, baseOf),
  probes: Uint8Array.from(session.pointerTypes, (type) => (baseOf(type) === PTR_TO_BTF_ID ? 1 : 0)),
  inlineLoops: new Map([...session.inlineLoops].filter(([, subprog]) => subprog >= 0)),
  callMaps: callMapsOf(session),
  typedLoads: new Map([...session.typedLoads].flatMap(([slot, load]) => (load === null ? [] : [[slot, load]]))),
  maps: [...session.usedMaps],
  stackDepths: session.subprograms.map((sub) => sub.stackDepth),
  subprogramStarts: session.subprograms.map((sub) => sub.start),
  exceptionCallback: session.exceptionCallback,
})
