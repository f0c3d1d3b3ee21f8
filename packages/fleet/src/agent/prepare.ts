/** The way of a bundle to a host: verified, compiled, and proved on stacks that nothing else uses. */
import type { Manifest } from '../bundle/manifest.ts'
import { verifyBundle } from '../bundle/verify.ts'
import type { VerifyContext } from '../bundle/verify.ts'
import type { Compiled } from '../policy/compiled-bundle.ts'
import { BundleImages } from '../policy/images.ts'
import type { BundleImage } from '../policy/images.ts'
import { askQuestions } from '../policy/prove.ts'
import type { Held } from './records.ts'

/** A bundle that may be applied. */
export interface Prepared {
  /** Of the file. */
  readonly digest: string
  readonly bytes: Uint8Array
  /** Of its manifest. */
  readonly id: string
  readonly manifest: Manifest
  readonly compiled: Compiled
  /** Lives as long as a host has the bundle. */
  readonly image: BundleImage
}

/** Of all agents of this process. */
const images = new BundleImages()

/** Throws FleetError: see `verifyBundle`, `compileBundle` and `proveBundle`. */
export const prepare = async (
  digest: string, bytes: Uint8Array, context: VerifyContext, verify = verifyBundle,
): Promise<Prepared> => {
  const bundle = await verify(bytes, context)
  const { id, manifest } = bundle
  const image = await images.of(bundle, context.trust)
  const { compiled } = image
  askQuestions(bundle, compiled)
  await image.scenarios(bundle)
  return { digest, bytes, id, manifest, compiled, image }
}

export const heldOf = ({ digest, id, manifest }: Prepared): Held => ({
  bundle: digest, id, name: manifest.name, version: manifest.version, epoch: manifest.epoch,
})
