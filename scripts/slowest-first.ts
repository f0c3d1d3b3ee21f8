/**
 * The order of test files: those that take longest come first, so that no processor stands idle beside the last one.
 * A clone that has run no test yet knows no times, and the size of a file says little.
 */
import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/** The slowest first. */
const dear = [
  'conformance/src/replay-programs.test.ts', 'conformance/src/replay-selinux-ops.test.ts',
  'conformance/src/replay-smack-fs.test.ts', 'conformance/src/replay.test.ts',
  'packages/wasi/src/hostile.test.ts', 'packages/just-bash/src/bounds.test.ts',
  'packages/kernel/src/host-memory-hostile.test.ts', 'packages/mcp/src/stdio.test.ts',
  'packages/kernel/src/fs/hostfs/hostfs-race.test.ts', 'packages/selinux/src/cil/bombs.test.ts',
  'packages/sandbox/src/late.test.ts',
]

const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = dear.findIndex((path) => moduleId.endsWith(path))
  return place === -1 ? dear.length : place
}

export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => placeOf(a) - placeOf(b))
  }
}
