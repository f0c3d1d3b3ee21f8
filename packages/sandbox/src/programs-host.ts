/** The host of programs, loaded when the first one is about to run: most boxes are opened a while before that. */
import type * as wasi from '@lsmkit/wasi'

type ProgramsHost = Pick<typeof wasi, 'becomeWasiAsync' | 'compileProgram' | 'keepWorkers' | 'openTerminal'>

class Loading {
  host: ProgramsHost | null = null
  #promise: Promise<ProgramsHost> | null = null

  load(): Promise<ProgramsHost> {
    return (this.#promise ??= import('@lsmkit/wasi').then((host) => (this.host = host)))
  }
}
const loading = new Loading()

/** Settles when `programsHost` may be called. */
export const loadProgramsHost = (): Promise<ProgramsHost> => loading.load()

export const isHostLoaded = (): boolean => loading.host !== null

/** Throws before `loadProgramsHost` has settled. */
export const programsHost = (): ProgramsHost => {
  if (loading.host === null) throw new Error('the host of programs is not loaded')
  return loading.host
}
