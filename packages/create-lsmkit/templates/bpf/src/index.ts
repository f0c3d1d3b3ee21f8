/** my-lsm: a BPF program as a package. It is C (`objects/first-come.c`), and runs on Linux as it does here. */
import type { BpfLsm, BpfLink } from '@lsmkit/bpf'
import type { MapHandle } from '@lsmkit/bpf/maps'
import type { Stack } from '@lsmkit/core'

/** Where the compiled program lies: read it from there, or let your bundler. */
export const objectUrl = new URL('../objects/first-come.o', import.meta.url)

export interface MyLsm {
  readonly links: readonly BpfLink[]
  /** How often each user was refused, by user id. */
  readonly refusals: MapHandle
  /** Takes it off its hooks and gives back what it took. */
  readonly unload: () => void
}

/** Loads the program into `lsm`, the `bpf()` of the stack, and attaches it. Throws BpfLoadError when it is refused. */
export const myLsm = (lsm: BpfLsm, stack: Stack, object: Uint8Array): MyLsm => {
  const loaded = lsm.load(stack, object, { name: 'my-lsm' })
  const refusals = loaded.maps.get('refusals')
  if (refusals === undefined) throw new Error('the object has no map `refusals`: is it first-come.o?')
  return { links: loaded.attachAll(), refusals, unload: () => loaded.unload() }
}
