/**
 * Writes the template tables of src/dispatch, the readers of src/blobs and the table classes src/lsm-table.ts and
 * src/next-lsm-table.ts.
 * `node scripts/run.mjs source packages/core/scripts/generate-dispatch.ts`; a test keeps them in step.
 */
import { writeFileSync } from 'node:fs'
import { generatedFiles } from './render-dispatch.ts'

for (const [path, text] of Object.entries(generatedFiles())) {
  writeFileSync(new URL(`../src/${path}`, import.meta.url), text)
}
