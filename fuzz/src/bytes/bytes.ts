/**
 * Bytes of a guest are read once: calls whose memory changes meanwhile, by a thread or by each hook that is asked, do
 * what the hooks have seen.
 */
import { ownValue } from '@lsmkit/abi'
import type { Session } from '../frame/fuzzer.ts'
import { seedFuzzer } from '../frame/input-fuzzer.ts'
import { HookFlips, ThreadFlips } from './flips.ts'
import type { Flips } from './flips.ts'
import { bootGuarded } from './guarded-world.ts'
import type { GuardedWorld } from './guarded-world.ts'
import { races } from './races.ts'
import type { Race } from './races.ts'
import { scrambled } from './scrambled.ts'
import { wasiRaces } from './wasi-races.ts'

/** Calls of one race: a thread does not find each look, and no call asks more hooks. */
const BY_THREAD = 400
const BY_HOOK = 40

type MakeRace = (world: GuardedWorld, memory: WebAssembly.Memory) => Race
const all: Readonly<Record<string, MakeRace>> = { ...races, ...wasiRaces }
const names = Object.keys(all)
let thread: ThreadFlips | null = null

const race = (name: string, flips: Flips, rounds: number, seed: number, session: Session): void => {
  const world = bootGuarded(() => flips.asked())
  const { texts: [one, other], once } = ownValue(all, name)!(world, flips.memory)
  const live = flips.begin(one, other)
  try {
    for (let round = 0; round < rounds; round++) {
      session.step()
      flips.next(round)
      const wrong = once(live)
      if (wrong !== null) return session.found('wrong-allow', String(seed), `${name}, call ${round}: ${wrong}`)
      if (world.panics.length > 0) return session.found('crash', String(seed), `${name}: ${world.panics[0]!}`)
    }
  } finally {
    flips.end()
  }
}

export const bytes = seedFuzzer((seed, session) => {
  const name = names[Math.floor(seed / 3) % names.length]!
  switch (seed % 3) {
    case 0: return scrambled(seed, session)
    case 1: return race(name, new HookFlips(), BY_HOOK, seed, session)
    default: return race(name, thread ??= new ThreadFlips(), BY_THREAD, seed, session)
  }
})
