#!/usr/bin/env node
/** The executable of the package: `lsm`. */
import { processIo } from './io.ts'
import { runLsm } from './program.ts'

// A reader that has had enough (`lsm hooks | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})
process.exitCode = await runLsm(processIo(), process.argv.slice(2))
