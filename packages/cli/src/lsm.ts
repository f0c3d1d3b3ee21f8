#!/usr/bin/env node
/** The executable of the package: `lsm`. What it has compiled is kept for the next time, where Node can (22.1). */
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

// a folder of one's own: whoever can write to it can make the command do anything
module.enableCompileCache?.(join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'lsmkit'))
const [{ processIo }, { runLsm }] = await Promise.all([import('./io.ts'), import('./program.ts')])
process.exitCode = await runLsm(processIo(), process.argv.slice(2))
