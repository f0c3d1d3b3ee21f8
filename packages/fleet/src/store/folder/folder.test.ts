import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, test } from 'vitest'
import { runStoreCase, storeCases } from '../../suite/store-cases.ts'
import { folder } from './index.ts'

let path = ''
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'lsmkit-fleet-'))
})
afterEach(() => rmSync(path, { recursive: true, force: true }))

describe('the suite of stores', () => {
  test.each(storeCases)('$name', (one) => runStoreCase(one, () => folder(path, { poll: 200 })))
})
