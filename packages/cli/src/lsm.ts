/** The command on its modules, as tests and authors run it; `executable.ts` is what users run. */
import { processIo } from './io.ts'
import { runLsm } from './start.ts'

process.exit(await runLsm(processIo(), process.argv.slice(2)))
