#!/usr/bin/env node
/** The executable of the package: `lsm`. */
import { processIo } from './io.ts'
import { runLsm } from './program.ts'

process.exitCode = await runLsm(processIo(), process.argv.slice(2))
