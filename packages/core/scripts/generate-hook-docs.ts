/**
 * Writes src/generated/hook-docs.ts: `node scripts/run.mjs source packages/core/scripts/generate-hook-docs.ts`.
 * A test keeps it in step with the words.
 */
import { writeFileSync } from 'node:fs'
import { renderHookDocs } from './render-hook-docs.ts'

writeFileSync(new URL('../src/generated/hook-docs.ts', import.meta.url), renderHookDocs())
