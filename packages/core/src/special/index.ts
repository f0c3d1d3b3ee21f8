/** Every hook that is more than "ask the members in order", by name: the rest have no entry. */
import { attributeShapes } from './attributes.ts'
import { blobShapes } from './blob-frames.ts'
import { initShapes } from './inode-init-security.ts'
import { renameShapes } from './inode-rename.ts'
import { xattrShapes } from './inode-xattr.ts'
import { memoryShapes } from './memory.ts'
import { mntOptsShapes } from './mnt-opts.ts'
import { networkShapes } from './network.ts'
import { lsmPropShapes, presetShapes } from './presets.ts'
import { nextPrivateInodeShapes, privateInodeShapes } from './private-inode.ts'
import type { Shape } from './shape.ts'

export type Shapes = Readonly<Record<string, Shape>>

export const shapes: Shapes = {
  ...attributeShapes,
  ...blobShapes,
  ...initShapes,
  ...memoryShapes,
  ...mntOptsShapes,
  ...networkShapes,
  ...presetShapes,
  ...privateInodeShapes,
  ...renameShapes,
  ...xattrShapes,
}

/** From 6.13 on, where a hook is given a `struct lsm_prop`. */
export const laterShapes: Shapes = { ...shapes, ...lsmPropShapes }

export const nextShapes: Shapes = { ...laterShapes, ...nextPrivateInodeShapes }
