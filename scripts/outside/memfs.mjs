#!/usr/bin/env node
/**
 * memfs' own tests on `@lsmkit/node`.
 *
 *   node scripts/outside/memfs.mjs FOLDER
 *
 * FOLDER: memfs' repository with its dependencies installed (`yarn install`), since its packages on npm have no tests.
 * It fetches nothing and writes nothing there. The tests run under this clone's vitest, first on memfs and then with
 * `Volume` over the `fs` of a task. Tests that look into `Volume` (`Link`, `Node`, `vol.root`) cannot pass. The last
 * line is `N of M passed`; M is what passes on memfs.
 */
import { runBothWays } from './both-ways.mjs'

runBothWays({ name: 'memfs', theirs: 'memfs', ours: 'task' })
