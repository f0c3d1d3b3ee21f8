/** Writes core's src/hooks/call-sites-table.ts from the recorded tables of a folder: `record.ts ../shared/golden`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { recordCallSites } from './replay.ts'

const folder = process.argv[2]
if (folder === undefined) {
  process.stderr.write('usage: record.ts FOLDER, with hook-trace.tsv and posix-sessions.jsonl.gz in it\n')
  process.exit(2)
}
const sites = await recordCallSites(folder)
writeFileSync(join(import.meta.dirname, '../../../packages/core/src/hooks/call-sites-table.ts'), sites.source())
process.stdout.write(`${sites.seen.size} hooks reached\n`)
