/** The common base of maps without keys: an errno for every operation by key. */
import type { MapSpec } from '../object/bpf-object.ts'
import { BpfMap } from './bpf-map.ts'
import type { MapSpace } from './map-space.ts'

export abstract class KeylessMap extends BpfMap {
  readonly #refusal: number

  constructor(spec: MapSpec, space: MapSpace, refusal: number) {
    super(spec, space)
    this.#refusal = refusal
  }

  override update(_key: number, _value: number, _flags: number): number {
    return this.#refusal
  }

  override delete(_key: number): number {
    return this.#refusal
  }

  override nextKey(_key: number, _next: number): number {
    return this.#refusal
  }
}
