/** One program on one engine: a run a pass. */
import type { Engine } from '@lsmkit/bpf/vm'
import { timedPass } from '../harness/cell.ts'
import type { Cell } from '../harness/cell.ts'
import { computing, lookUps } from './kernels.ts'
import type { Computing } from './kernels.ts'
import { runnerOf } from './machine.ts'

export interface RunArgs {
  readonly program: Computing | 'array' | 'hash'
  readonly engine: Engine
}

export const cell = ({ program, engine }: RunArgs): Cell => {
  const isLookUp = program === 'array' || program === 'hash'
  const { text, count } = isLookUp ? lookUps : computing[program]
  const run = runnerOf(text, engine, isLookUp ? program : null)
  // a run is long enough to be timed by itself
  const pass = timedPass(1, run)
  return { pass: () => pass() / count, ask: { result: () => run() } }
}
