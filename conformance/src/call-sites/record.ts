/**
 * Writes core's src/hooks/call-sites-table.ts: `record.ts FOLDER` from the committed tables and those of a folder, as
 * ../shared/golden; `record.ts add` adds what the committed operations show of hooks that the table does not have.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { callSites } from '@lsmkit/core/hook-docs'
import { CallSites } from './call-sites.ts'
import { addCommitted, recordCallSites } from './replay.ts'

const added = async (): Promise<CallSites> => {
  const sites = new CallSites()
  sites.take(callSites)
  const before = new Set(sites.seen.keys())
  await addCommitted(sites)
  const more = [...sites.seen].filter(([hook]) => !before.has(hook))
  sites.seen.clear()
  sites.take(callSites)
  for (const [hook, calls] of more) sites.seen.set(hook, calls)
  return sites
}

const what = process.argv[2]
if (what === undefined) {
  process.stderr.write('usage: record.ts add|FOLDER, a folder with hook-trace.tsv and posix-sessions.jsonl.gz in it\n')
  process.exit(2)
}
const sites = what === 'add' ? await added() : await recordCallSites(what)
writeFileSync(join(import.meta.dirname, '../../../packages/core/src/hooks/call-sites-table.ts'), sites.source())
process.stdout.write(`${sites.seen.size} hooks reached\n`)
