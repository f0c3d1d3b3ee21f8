#!/usr/bin/env node
/** The executable of the package, which `npm create lsmkit` runs. */
import { runCreate } from './program.ts'

process.exitCode = await runCreate(process.argv.slice(2), {
  out: (text) => void process.stdout.write(`${text}\n`),
  error: (text) => void process.stderr.write(`${text}\n`),
  isTerminal: process.stdin.isTTY === true && process.stdout.isTTY === true,
})
