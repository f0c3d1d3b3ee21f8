/** Calls that the kernel has answered otherwise than the model of the policy. */
import { oneLine } from '@lsmkit/abi'
import { isRefusedByModel } from './watched-call.ts'
import type { WatchedCall } from './watched-call.ts'

export interface WatchDifference {
  /** Milliseconds since the epoch. */
  readonly time: number
  /** The host's number of the thread, and the name of its program. */
  readonly pid: number
  readonly comm: string
  readonly call: string
  /** The file; null for a port. */
  readonly path: string | null
  readonly port: number | null
  readonly model: 'permitted' | 'refused'
  readonly kernel: 'permitted' | 'refused'
  readonly sentence: string
}

const whys = {
  permitted: 'the kernel permits it, though no rule names that path: the file was moved after the start',
  refused:
    'the kernel refuses it, though a rule names that path: the file has come there after the start',
} as const
const ports = {
  permitted: 'the kernel permits it, though no rule names that port',
  refused: 'the kernel refuses it, though a rule names that port',
} as const

/** The call has to differ. */
export const differenceOf = (of: WatchedCall): WatchDifference => {
  const { time, pid, comm, call, path, port } = of
  const model = isRefusedByModel(of) ? 'refused' : 'permitted'
  const kernel = model === 'refused' ? 'permitted' : 'refused'
  const object = path === null ? `port ${port}` : `\`${oneLine(path)}\``
  return {
    time, pid, comm, call, path, port, model, kernel,
    sentence: `${object}: ${call}, ${(path === null ? ports : whys)[kernel]}`,
  }
}
