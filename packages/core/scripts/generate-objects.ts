/**
 * Writes src/objects/plain.ts and src/objects/memory.ts from the field tables:
 * `node scripts/run.mjs source packages/core/scripts/generate-objects.ts`. A test keeps the files in step.
 */
import { writeFileSync } from 'node:fs'
import { renderMemory, renderPlain } from './render-objects.ts'

writeFileSync(new URL('../src/objects/plain.ts', import.meta.url), renderPlain())
writeFileSync(new URL('../src/objects/memory.ts', import.meta.url), renderMemory())
