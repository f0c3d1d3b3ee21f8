/**
 * Numbered slots that any number of processes fill one after the other, without a lock: a slot is claimed by a hard
 * link, which one process alone can make. So a process may be stopped or killed anywhere, and nobody waits for it.
 *
 * Slots lie in generations, directories of `size` slots, so that old ones can be taken away. INVARIANT: no name is ever
 * given twice, or a process that was stopped in between would fill a slot that was taken away, and would not know. A
 * generation has a random part in its name; the file `next` of the one before (`start` of the first) names it, and is
 * itself claimed by a link. `NAME.new` becomes `NAME` after that, by whoever sees it first. Older ones are taken
 * away after that, each by one rename.
 */
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, namesIn, orNull, randomName, syncFolder } from './disk.ts'
import type { Disk } from './disk.ts'

const GENERATION = /^(\d{8})-[0-9a-f]{16}$/

export interface Tip {
  /** Of the last slot that is filled; 0 where there is none. */
  readonly sequence: number
  /** The directory of that slot; null for an empty chain. */
  readonly generation: string | null
}

const numberOf = (generation: string): number => Number(generation.slice(0, 8))

export class SlotChain {
  readonly #disk: Disk
  readonly #path: string
  readonly #size: number

  constructor(disk: Disk, path: string, size: number) {
    this.#disk = disk
    this.#path = path
    this.#size = size
  }

  async tip(): Promise<Tip> {
    for (;;) {
      const last = (await this.generations()).at(-1) ?? await this.#follow(join(this.#path, 'start'))
      if (last === null) return { sequence: 0, generation: null }
      const tip = await this.#tipOf(last)
      // the generation was taken away meanwhile
      if (tip !== null) return tip
    }
  }

  /** Confirmed ones, in their order. */
  async generations(): Promise<readonly string[]> {
    return (await namesIn(this.#path) ?? []).filter((name) => GENERATION.test(name)).sort()
  }

  /** Filled slots of a generation, in their order. */
  async sequencesOf(generation: string): Promise<readonly number[]> {
    const first = (numberOf(generation) - 1) * this.#size
    const names = await namesIn(join(this.#path, generation)) ?? []
    return names.filter((name) => /^\d+$/.test(name)).map((name) => first + Number(name)).sort((a, b) => a - b)
  }

  pathOf(generation: string, sequence: number): string {
    return join(this.#path, generation, String(sequence - (numberOf(generation) - 1) * this.#size))
  }

  folderOf(generation: string): string {
    return join(this.#path, generation)
  }

  async #tipOf(from: string): Promise<Tip | null> {
    for (let generation = from; ;) {
      const names = await namesIn(join(this.#path, generation))
      if (names === null) return null
      const next = names.includes('next') ? await this.#follow(join(this.#path, generation, 'next')) : null
      if (next !== null) {
        generation = next
        continue
      }
      const sequence = (await this.sequencesOf(generation)).at(-1)
      return sequence === undefined ? null : { sequence, generation }
    }
  }

  /** The generation that a pointer names; it is confirmed then. */
  async #follow(pointer: string): Promise<string | null> {
    const text = await this.#disk.read(pointer)
    if (text === null) return null
    const name = new TextDecoder().decode(text)
    const path = join(this.#path, name)
    await orNull(rename(`${path}.new`, path))
    await syncFolder(this.#path)
    return name
  }

  /** Fills the slot behind a tip with a draft: its sequence, or null where another process was first. */
  async claim({ sequence, generation }: Tip, draft: string): Promise<number | null> {
    if (generation === null || sequence === numberOf(generation) * this.#size) {
      return this.#open(sequence, generation, draft)
    }
    const folder = join(this.#path, generation)
    if (!await this.#disk.claim(draft, this.pathOf(generation, sequence + 1))) return null
    await syncFolder(folder)
    return sequence + 1
  }

  /** The directory of the chain, and those above it, which the first of all keys makes. */
  async #begin(): Promise<void> {
    await mkdir(this.#path, { recursive: true, mode: 0o700 })
    await syncFolder(join(this.#path, '..'))
    await syncFolder(this.#disk.root)
  }

  /** The same with a new generation. */
  async #open(sequence: number, before: string | null, draft: string): Promise<number | null> {
    const number = before === null ? 1 : numberOf(before) + 1
    const name = `${String(number).padStart(8, '0')}-${randomName()}`
    const made = join(this.#path, `${name}.new`)
    if (before === null) await this.#begin()
    await orNull(mkdir(made, { mode: 0o700 }))
    if (!await this.#disk.claim(draft, join(made, '1'))) return null
    await syncFolder(made)
    await syncFolder(this.#path)
    const pointer = await this.#disk.draft(new TextEncoder().encode(name))
    const folder = before === null ? this.#path : join(this.#path, before)
    const won = await this.#disk.claim(pointer, join(folder, before === null ? 'start' : 'next'))
    await this.#disk.drop(pointer)
    if (!won) {
      await this.#disk.discard(made)
      return null
    }
    await syncFolder(folder)
    await this.#follow(join(folder, before === null ? 'start' : 'next'))
    return sequence + 1
  }

  /** Takes older generations away: those that `isOld` chooses, never the last one. */
  async prune(isOld: (generation: string) => boolean | Promise<boolean>): Promise<void> {
    const all = await this.generations()
    const last = all.at(-1)
    if (last === undefined) return
    await syncFolder(this.#path)
    for (const generation of all.slice(0, -1)) {
      if (await isOld(generation)) await this.#discard(generation)
    }
    // of processes that were not first
    const lost = (await namesIn(this.#path) ?? [])
      .filter((name) => name.endsWith('.new') && numberOf(name) <= numberOf(last))
    for (const name of lost) await this.#discard(name)
  }

  async #discard(name: string): Promise<void> {
    try {
      await this.#disk.discard(join(this.#path, name))
    } catch (error) {
      if (codeOf(error) !== 'EPERM') throw error
    }
  }
}
