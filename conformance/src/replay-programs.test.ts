/** Programs on hooks, and the hooks that operations ask, beside what real kernels answered. */
import { replayTables } from './replay/tables.ts'

replayTables('programs')
