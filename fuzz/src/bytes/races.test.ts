/** Every race once, as the fuzzer runs it: from each hook of a call on, and by a thread. */
import { expect, test } from 'vitest'
import { HookFlips, ThreadFlips } from './flips.ts'
import { bootGuarded } from './guarded-world.ts'
import { races } from './races.ts'
import { wasiRaces } from './wasi-races.ts'

const thread = new ThreadFlips()

test.each(Object.entries({ ...races, ...wasiRaces }))('%s', (_, make) => {
  for (const [flips, calls] of [[new HookFlips(), 40], [thread, 300]] as const) {
    const world = bootGuarded(() => flips.asked())
    const { texts: [one, other], once } = make(world, flips.memory)
    const live = flips.begin(one, other)
    for (let call = 0; call < calls; call++) {
      flips.next(call)
      expect(once(live), `call ${call}`).toBeNull()
    }
    flips.end()
    expect(world.panics).toEqual([])
  }
})
