/**
 * The costs that users see: packages are packed, installed into an empty folder, and used as the documentation says.
 * Starts of `lsm` by what earlier runs left, boxes, memory and lines of a shell, under the Nodes that are promised.
 */
import type { Bench } from '../harness/bench.ts'
import { benchResult } from '../harness/result.ts'
import { boxes, NORMAL, QUICK } from './boxes.ts'
import { nodesOf, OutsideFolder } from './folder.ts'
import { starts } from './starts.ts'

const NODES = [20, 24]

export const outside: Bench = async ({ quick, progress }) => {
  const nodes = await nodesOf(NODES)
  const folder = new OutsideFolder()
  try {
    progress('packing and installing')
    folder.install(nodes[0]!)
    const parts = nodes.flatMap((node) => [
      starts(folder, node, quick ? 9 : 31, progress), boxes(folder, node, quick ? QUICK : NORMAL, progress),
    ])
    return benchResult(
      'outside', parts.flatMap(({ cells }) => cells), parts.flatMap(({ targets }) => targets),
    )
  } finally {
    folder.remove()
  }
}
