/** Reports of how far a call is, for clients that ask for them (`progressToken`). */
import type { ServerContext } from '@modelcontextprotocol/server'

export interface ProgressReport {
  /** Rises with each report. */
  readonly progress: number
  readonly total?: number
  /** For people. */
  readonly message?: string
}

export type Progress = (report: ProgressReport) => void

/** The part that a call needs of the context that the SDK gives to its handler. */
export interface McpContext {
  readonly mcpReq?: Partial<Pick<ServerContext['mcpReq'], 'signal' | '_meta' | 'notify'>>
}

/** Sends reports to the client; undefined where the client has not asked for them. */
export const progressOf = ({ mcpReq }: McpContext): Progress | undefined => {
  const { _meta, notify } = mcpReq ?? {}
  const progressToken = _meta?.progressToken
  if (progressToken === undefined || notify === undefined) return undefined
  let last = -Infinity
  return (report) => {
    // a client may drop what does not rise (basic/utilities/progress)
    if (!(report.progress > last)) return
    last = report.progress
    // a client that has gone needs no report
    notify({ method: 'notifications/progress', params: { progressToken, ...report } }).catch(() => {})
  }
}
