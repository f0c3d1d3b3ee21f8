/**
 * Writes src/generated/plain-objects.ts from the field tables:
 * `node scripts/run.mjs source packages/core/scripts/generate-objects.ts`. A test keeps the file in step.
 */
import { writeFileSync } from 'node:fs'
import { renderPlain } from './render-objects.ts'

writeFileSync(new URL('../src/generated/plain-objects.ts', import.meta.url), renderPlain())
