#!/usr/bin/env node
/**
 * just-bash's own tests of its file systems on `KernelFs` of `@lsmkit/just-bash`.
 *
 *   node scripts/run.mjs exec node scripts/outside/just-bash-fs.mjs FOLDER
 *
 * FOLDER: just-bash's repository, since its package on npm has no tests; only its `*.test.ts` are used. It fetches
 * nothing and writes nothing there. The tests run under this clone's vitest, first on the just-bash that is installed
 * here and then on file systems of a kernel: memory, a folder of the host, an overlay on one. The last line is
 * `N of M passed`; M is what passes on just-bash.
 */
import { runBothWays } from './both-ways.mjs'

const absolute = 'a link is text: one that begins with `/` leads to that name in the tree of the kernel'
const shown = 'the target of a link is content of the folder, and is shown unchanged'
const through = 'writing to a link writes to what it leads to, as on Linux'
const option = 'is about an option of their constructor'
/** Tests that may fail, by a part of their name, and why. */
const expected = {
  'follows two-hop chain that stays inside sandbox': absolute,
  'readdir through symlink to internal dir works': absolute,
  'blocks reading oversized file through internal symlink': absolute,
  'allows read when chain leaves and re-enters': absolute,
  'does not expose real path for absolute outside symlink': shown,
  'sanitises relative target that escapes root': shown,
  'cp from escape symlink fails': 'a link is copied as a link, and what is outside stays out of reach',
  'should overwrite symlink with file': through,
  'writing a file over real-fs escape symlink': through,
  'unshadow attack': through,
  'should copy lazy files via cp': 'cp reads what it copies',
  'removes the old child link when moving its parent directory': 'a directory that is not empty is not replaced',
  'should preserve special mode bits': 'set-id bits cannot be made in a folder of the host',
  'rejects non-absolute mount point': option,
  'should throw for non-existent root': option,
}

const whyOf = (title) => Object.entries(expected).find(([part]) => title.includes(part))?.[1]

runBothWays({ name: 'just-bash-fs', theirs: 'just-bash', ours: 'kernel', whyOf })
