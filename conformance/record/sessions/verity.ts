/** The hash tree of dm-verity over an image, and its root digest on stdout: `verity.ts IMAGE TREE` (sha256). */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

const BLOCK = 4096

const digest = (block: Uint8Array): Buffer => createHash('sha256').update(block).digest()

/** Digests of the blocks, in blocks of their own. */
const levelAbove = (blocks: Uint8Array): Buffer => {
  const digests = Buffer.concat(
    Array.from({ length: blocks.length / BLOCK }, (_, i) => digest(blocks.subarray(i * BLOCK, (i + 1) * BLOCK))),
  )
  return Buffer.concat([digests, Buffer.alloc((BLOCK - (digests.length % BLOCK)) % BLOCK)])
}

const [image = '', tree = ''] = process.argv.slice(2)
const levels: Buffer[] = []
for (let level: Buffer = readFileSync(image); level.length > BLOCK || levels.length === 0;) {
  level = levelAbove(level)
  levels.unshift(level)
}
writeFileSync(tree, Buffer.concat(levels))
console.log(digest(levels[0]!).toString('hex'))
