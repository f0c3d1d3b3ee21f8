#!/usr/bin/env node
/** The executable of the package, which `npm create lsmkit` runs. */
import { runCreate } from './program.ts'

/** Names that were typed or found do not drive the terminal; this package stands alone, without @lsmkit/abi. */
const shown = (text: string): string => text.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/gu, '\u{fffd}')

process.exitCode = await runCreate(process.argv.slice(2), {
  out: (text) => void process.stdout.write(`${shown(text)}\n`),
  error: (text) => void process.stderr.write(`${shown(text)}\n`),
  isTerminal: process.stdin.isTTY === true && process.stdout.isTTY === true,
})
