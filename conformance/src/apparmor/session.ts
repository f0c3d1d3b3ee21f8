/** The recorded lines of apparmor-sessions: headers, actors that begin, operations with what was seen afterwards. */
export interface Header {
  readonly session: string
  readonly theme: string
  readonly revision0: number
}

export interface Start {
  readonly start: number
}

export interface Operation {
  readonly n: number
  readonly actor: number
  readonly op: readonly string[]
  readonly errno: string
  readonly result: string
  readonly label: string
  readonly exec: string
  readonly prev: string
  readonly others?: unknown
  readonly log?: readonly string[]
}

export type Line = Header | Start | Operation

export const isHeader = (line: Line): line is Header => 'session' in line
export const isStart = (line: Line): line is Start => 'start' in line
export const isOperation = (line: Line): line is Operation =>
  'op' in line && Array.isArray(line.op) && line.op.every((word) => typeof word === 'string')
