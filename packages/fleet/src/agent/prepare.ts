/** The way of a bundle to a host: verified, compiled, and proved on stacks that nothing else uses. */
import type { Bundle } from '../bundle/container.ts'
import { verifyBundle } from '../bundle/verify.ts'
import type { VerifyContext } from '../bundle/verify.ts'
import { compileBundle } from '../policy/compiled-bundle.ts'
import type { Compiled } from '../policy/compiled-bundle.ts'
import { proveBundle } from '../policy/prove.ts'
import type { Proved } from '../policy/prove.ts'
import type { Held } from './records.ts'

/** A bundle that may be applied. */
export interface Prepared {
  /** Of the file. */
  readonly digest: string
  readonly bytes: Uint8Array
  readonly bundle: Bundle
  readonly compiled: Compiled
  readonly proved: Proved
}

/** Throws FleetError: see `verifyBundle`, `compileBundle` and `proveBundle`. */
export const prepare = async (
  digest: string, bytes: Uint8Array, context: VerifyContext, verify = verifyBundle,
): Promise<Prepared> => {
  const bundle = await verify(bytes, context)
  const compiled = await compileBundle(bundle)
  const proved = await proveBundle(bundle, compiled)
  return { digest, bytes, bundle, compiled, proved }
}

export const heldOf = ({ digest, bundle: { id, manifest } }: Prepared): Held => ({
  bundle: digest, id, name: manifest.name, version: manifest.version, epoch: manifest.epoch,
})
