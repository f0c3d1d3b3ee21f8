/** The helpers that run here, by number. A helper that the verifier accepts and this table lacks is refused at load. */
import type { Helper } from '../../vm/executable.ts'
import { bind } from './bind.ts'
import { callbackHelpers } from './callback-helpers.ts'
import { dynptrHelpers } from './dynptr.ts'
import type { HelperEnv, HelperLine } from './helper-env.ts'
import { mapHelpers } from './map-helpers.ts'
import { objectHelpers } from './object-helpers.ts'
import { outputHelpers } from './output-helpers.ts'
import { packetHelpers } from './packet-helpers.ts'
import { probeHelpers } from './probe-helpers.ts'
import { seqHelpers } from './seq-helpers.ts'
import { siteHelpers } from './site-helpers.ts'
import { socketHelpers } from './socket-helpers.ts'
import { taskHelpers } from './task-helpers.ts'
import { textHelpers } from './text-helpers.ts'

export type { HelperEnv, HelperLine } from './helper-env.ts'
export type { Area, GroupHost, ProgramHost, TaskFacts } from './program-host.ts'

const lines: readonly HelperLine[] = [
  ...mapHelpers, ...probeHelpers, ...taskHelpers, ...textHelpers, ...outputHelpers, ...dynptrHelpers,
  ...callbackHelpers, ...objectHelpers, ...packetHelpers, ...seqHelpers, ...socketHelpers,
  ...siteHelpers,
]

/** Helpers bound to a machine; made once, so that a call site's import is one function. */
export const helpersOf = (env: HelperEnv): ReadonlyMap<number, Helper> =>
  new Map(lines.map((line) => [line[0], bind(env, line)]))
