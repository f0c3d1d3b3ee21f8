/**
 * Writes the template tables of dispatch, the readers of blobs and the table classes into src/generated.
 * `node scripts/run.mjs source packages/core/scripts/generate-dispatch.ts`; a test keeps them in step.
 */
import { writeFileSync } from 'node:fs'
import { generatedFiles } from './render-dispatch.ts'

for (const [path, text] of Object.entries(generatedFiles())) {
  writeFileSync(new URL(`../src/generated/${path}`, import.meta.url), text)
}
