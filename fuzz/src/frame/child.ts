/** The process of one fuzzer: loads it and runs it, or has it try files. */
import { readFileSync } from 'node:fs'
import { ChildSession } from './child-session.ts'
import type { SessionOptions } from './child-session.ts'
import type { FuzzerTable } from './fuzzer.ts'

export interface ChildOptions extends SessionOptions {
  /** URL of a module that exports the table as `fuzzers`. */
  readonly table: string
  readonly name: string
  /** Files to try; null: makes inputs of its own. */
  readonly files: readonly string[] | null
}

const options = JSON.parse(process.argv[2]!) as ChildOptions
const { fuzzers } = (await import(options.table)) as { fuzzers: FuzzerTable }
const fuzzer = await fuzzers[options.name]!.load()
const session = new ChildSession(options)

if (options.files === null) await fuzzer.run(session)
for (const file of (options.files ?? []).slice(options.first)) {
  session.begin()
  await fuzzer.replay(readFileSync(file), session)
}
session.close()
// What a fuzzer left open keeps no process.
process.exit(0)
