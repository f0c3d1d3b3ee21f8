/**
 * Boxes under random policies, over folders that their owners change, with guests that make links and move things, and
 * boxes that come of permits and snapshots: no guest reads or changes a canary that the policy does not give it, the
 * host's own hand is led to none, no permit is offered over a link that the host has not made itself, and what is
 * refused is refused with a typed error.
 */
import { createSandbox, hostFolder, memory } from '@lsmkit/sandbox'
import type { Permit, Place, Policy, Sandbox, Snapshot } from '@lsmkit/sandbox'
import type { Session } from '../frame/fuzzer.ts'
import { seedFuzzer } from '../frame/input-fuzzer.ts'
import { Random } from '../frame/random.ts'
import { afterPermit, canaryIn, shown } from './canaries.ts'
import type { Canary } from './canaries.ts'
import { giveAway, guestCall, guestRun } from './guest.ts'
import { HostFolder, MOUNTED } from './host-folder.ts'
import { anyAllow, anyPath, DIRS } from './names.ts'

const STEPS = 60
/** Boxes of one seed: the first one, and those that come of permits. */
const MOST_BOXES = 4
/** Where the host puts copies of what guests have made. No policy names it. */
const KEPT = '/kept'

/** A promise that is broken. */
class Broken extends Error {}

const isRefusal = (error: unknown): boolean => typeof (error as { code?: unknown }).code === 'string'

/** The answer; undefined where it is refused with a typed error. */
const tried = async <T>(act: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await act()
  } catch (error) {
    if (error instanceof Broken || !isRefusal(error)) throw error
    return undefined
  }
}

class World {
  readonly random: Random
  readonly folder: HostFolder | null
  readonly boxes: Sandbox[] = []
  box: Sandbox
  canaries: Canary[]
  permits: Permit[] = []
  snapshots: Snapshot[] = []
  /** Those of the policy. */
  names: readonly string[] = []
  /** Where guests may write. */
  near: readonly string[] = []
  /** A permit over a link. The host of this world makes none by `box.fs`. */
  #wrongPermit: string | null = null

  private constructor(random: Random, folder: HostFolder | null, box: Sandbox, canaries: Canary[]) {
    this.random = random
    this.folder = folder
    this.canaries = canaries
    this.box = box
  }

  static async open(random: Random): Promise<World | null> {
    const folder = random.oneIn(3) ? new HostFolder(random) : null
    const mounts: Record<string, Place> = random.oneIn(2) ? { '/job': memory() } : {}
    if (folder !== null) mounts[MOUNTED] = hostFolder(folder.path, { writable: !random.oneIn(4) })
    const policy: Policy = { allow: anyAllow(random), mounts, ...(random.oneIn(5) ? { resolve: true } : {}) }
    const box = await tried(() => createSandbox({ ...policy, inline: true }))
    if (box === undefined) {
      folder?.remove()
      return null
    }
    const { allow, places } = await box.explain()
    if (policy.resolve === undefined && Object.keys(places).length > 0) {
      throw new Broken(`names led over links: ${JSON.stringify(places)}`)
    }
    const real = (names: readonly string[]): string[] => names.map((name) => places[name] ?? name)
    const given = { read: real(allow!.read), write: real(allow!.write), exec: real(allow!.exec) }
    const canaries = DIRS.map((dir, i) => canaryIn(dir, given, i))
    const world = new World(random, folder, box, canaries)
    await world.#use(box)
    for (const canary of canaries) await world.#put(canary)
    return world
  }

  isOnHost(canary: Canary): boolean {
    return this.folder !== null && canary.home.startsWith(`${MOUNTED}/`)
  }

  async step(): Promise<void> {
    const { random } = this
    switch (random.below(25)) {
      case 0: return void this.folder?.change(random)
      case 1: return void this.snapshots.push(await this.box.snapshot())
      case 2: return this.#restore()
      case 3: return this.#widen()
      case 4: case 5: case 6: case 7: return this.#hand()
      case 8: case 9: return this.#run()
      case 10: return void await tried(() => giveAway(this.box, random, random.pick(this.names)))
      case 11: return this.#restoreGivenAway()
      case 12: return this.#copyOut()
      default: return this.#look('a guest reads', await tried(() => guestCall(this.box, random, this.near)) ?? '')
    }
  }

  /** All that must not have changed. */
  async check(): Promise<void> {
    if (this.#wrongPermit !== null) throw new Broken(this.#wrongPermit)
    const { entries } = await this.box.snapshot()
    const files = new Map(entries.map((entry) => [entry.path, entry]))
    for (const canary of this.canaries) {
      if (!canary.isFixed) continue
      if (this.isOnHost(canary)) {
        if (this.folder!.find(canary).length === 0) throw new Broken(`${canary.home} of the host has changed`)
        continue
      }
      const file = files.get(canary.home)
      const text = file?.data instanceof Uint8Array ? new TextDecoder().decode(file.data) : 'nothing'
      if (text !== canary.text || (file!.mode & 0o777) !== 0o666) throw new Broken(`${canary.home} has become ${text}`)
    }
  }

  async close(): Promise<void> {
    for (const box of this.boxes) await box.close()
    this.folder?.remove()
  }

  async #use(box: Sandbox): Promise<void> {
    this.box = box
    const { allow, writable } = await box.explain()
    this.near = writable
    this.names = [...allow!.read, ...allow!.write, ...allow!.exec, '/job/in']
    this.boxes.push(box)
    this.permits = []
    this.snapshots = []
    void this.#listen(box)
  }

  async #listen(box: Sandbox): Promise<void> {
    for await (const { permit, links, sentence } of box.denials) {
      if (permit === null) continue
      if (links.length > 0) this.#wrongPermit = `a permit over a link: ${sentence}`
      if (box === this.box) this.permits.push(permit)
    }
  }

  async #put(canary: Canary): Promise<void> {
    if (this.isOnHost(canary)) return this.folder!.put(canary)
    const dir = canary.home.replace(/\/canary$/, '')
    await this.box.fs.mkdir(dir, { recursive: true })
    // nothing but the policy is in the way
    await this.box.fs.chmod(dir, 0o777)
    await this.box.fs.writeFile(canary.home, canary.text)
    await this.box.fs.chmod(canary.home, 0o666)
  }

  #look(what: string, text: string): void {
    const canary = shown(this.canaries, text)
    if (canary !== undefined) throw new Broken(`${what} ${canary.home}`)
  }

  async #run(): Promise<void> {
    const { stdout, stderr } = await guestRun(this.box, this.random, this.near)
    this.#look('a program reads', stdout + stderr)
  }

  async #restore(): Promise<void> {
    if (this.snapshots.length === 0) return
    const snapshot = this.random.pick(this.snapshots)
    await tried(() => this.box.restore(snapshot))
  }

  /** A name that has become a link is in the snapshot that is restored. */
  async #restoreGivenAway(): Promise<void> {
    const name = this.random.pick(this.names)
    await tried(() => giveAway(this.box, this.random, name))
    await tried(async () => this.box.restore(await this.box.snapshot()))
    for (const path of [`${name}/canary`, name]) {
      this.#look('a guest reads', await tried(() => this.box.fs.as('guest').readFile(path, 'utf8')) ?? '')
      await tried(() => this.box.fs.as('guest').writeFile(path, 'WRITTEN'))
    }
  }

  async #widen(): Promise<void> {
    if (this.permits.length === 0 || this.boxes.length >= MOST_BOXES) return
    const permit = this.random.pick(this.permits)
    const next = await tried(() => this.box.with(permit))
    if (next === undefined) return
    await this.#use(next)
    this.canaries = await afterPermit(next, this.canaries, permit.allow,
      (canary) => (this.isOnHost(canary) ? this.folder!.find(canary) : null))
  }

  /** Where guests may write, they may have made links, which are copied too. */
  async #copyOut(): Promise<void> {
    const { box, random } = this
    const near = this.near.filter((path) => !/^\/(proc|dev)/.test(path))
    if (near.length === 0) return
    await tried(() => box.fs.rm(KEPT, { recursive: true, force: true }))
    await tried(() => box.fs.cp(random.pick(near), KEPT, { recursive: true }))
    for (let i = 0; i < 4; i++) {
      const path = anyPath(random, false, [KEPT])
      this.#look('a guest reads', await tried(() => box.fs.as('guest').readFile(path, 'utf8')) ?? '')
    }
  }

  /** Fetches and writes as the host does, by a name without dots. */
  async #hand(): Promise<void> {
    const { random, box } = this
    const near = random.oneIn(4) ? [KEPT] : this.near
    const path = `${anyPath(random, false, near)}${random.oneIn(2) ? '/canary' : ''}`
    if (random.oneIn(2)) {
      const got = await tried(() => box.fs.readFile(path, 'utf8')) ?? ''
      // a link leads it to what the policy names, and nowhere else, also within one folder of the host
      const canary = shown(this.canaries.filter(({ isFixed }) => isFixed), got)
      if (canary === undefined) return
      const places = (await afterPermit(box, [canary], { read: [path] }, () =>
        (this.isOnHost(canary) ? this.folder!.find(canary) : null)))[0]!
      if (places.isHidden) throw new Broken(`the host is led by ${path} to ${canary.home}`)
      return
    }
    if (this.canaries.some(({ home }) => home === path)) return
    await tried(() => box.fs.writeFile(path, 'BY THE HOST'))
  }
}

const play = async (seed: number, session: Session): Promise<string | null> => {
  let world: World | null = null
  try {
    world = await World.open(new Random(seed))
    session.step()
    if (world === null) return null
    for (let i = 0; i < STEPS; i++) {
      await world.step()
      session.step()
      if (i % 15 === 14) await world.check()
    }
    return null
  } catch (error) {
    if (error instanceof Broken) return error.message
    throw error
  } finally {
    await world?.close()
  }
}

export const sandbox = seedFuzzer(async (seed, session) => {
  const wrong = await play(seed, session)
  if (wrong !== null) session.found('wrong-allow', `${seed}\n`, wrong)
})
