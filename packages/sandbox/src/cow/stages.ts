/**
 * Where the places of a box are mounted when its kernel boots. A place in a folder that is copied on write waits aside
 * until the overlay of that folder is mounted.
 */
import { isBeneath } from '../names/walk-name.ts'
import { normalPath } from '../normal-path.ts'
import type { Place } from '../places.ts'
import { SandboxError } from '../sandbox-error.ts'

/** A mount that lies in a folder that is copied on write, with no other mount between. */
export interface NestedPlace {
  /** Relative to the folder. */
  readonly path: string
  /** Where it is mounted at first. */
  readonly stage: string
}

interface Staged {
  /** Without `.` and `..`. */
  readonly path: string
  /** As the policy writes it. */
  readonly target: string
  readonly stage: string
  readonly isCopied: boolean
}

export class Stages {
  readonly #all: Staged[] = []
  readonly #nested = new Map<string, NestedPlace[]>()

  /** By the folder that is copied on write, as the policy writes it. */
  get nested(): ReadonlyMap<string, readonly NestedPlace[]> {
    return this.#nested
  }

  /** Call it for outer places first. Returns where to mount the place. Throws SandboxError for a second mount there. */
  add(target: string, place: Place): string {
    const path = normalPath(target)
    const [around] = this.#all.filter((one) => isBeneath(path, one.path))
      .toSorted((a, b) => b.path.length - a.path.length)
    if (around?.path === path) {
      throw new SandboxError('bad-policy', `\`${target}\` and \`${around.target}\` are one place`, { place: 'mounts' })
    }
    const stage = around === undefined ? target : this.#stageIn(around, path)
    this.#all.push({ path, target, stage, isCopied: place.kind === 'host-folder' && place.copyOnWrite === true })
    return stage
  }

  #stageIn(around: Staged, path: string): string {
    const inside = path.slice(around.path.length + 1)
    if (!around.isCopied) return `${around.stage}/${inside}`
    const stage = `/.lsmkit-mount-${this.#all.length}`
    const list = this.#nested.get(around.target) ?? []
    this.#nested.set(around.target, [...list, { path: inside, stage }])
    return stage
  }
}
