/** The lines that Deno and its permission broker exchange (cli/schemas/permission-broker-*.v1.json). */

export interface DenoRequest {
  readonly v: number
  readonly id: number
  readonly pid: number | null
  /** `read`, `write`, `net`, `env`, `run`, `sys`, `ffi`, `import`, and others of later versions. */
  readonly permission: string
  /** Null: all of them. */
  readonly value: string | null
}

/** Deno's own limit of a path is lower by far. */
export const MOST_LINE = 1 << 16

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** Null for a line that is not a request: nobody can answer it. */
export const readRequest = (line: string): DenoRequest | null => {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return null
  }
  if (!isObject(json)) return null
  const { v, id, pid = null, permission, value = null } = json
  const isRequest = typeof v === 'number' && typeof id === 'number' && typeof permission === 'string' &&
    (pid === null || typeof pid === 'number') && (value === null || typeof value === 'string')
  return isRequest ? { v, id, pid: pid as number | null, permission, value: value as string | null } : null
}

export const answerLine = (id: number, allowed: boolean, reason: string): string =>
  `${JSON.stringify({ id, result: allowed ? 'allow' : 'deny', ...(allowed ? {} : { reason }) })}\n`
