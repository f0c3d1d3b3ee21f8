/** Files of a box that show, by their contents, which program has read or changed them. */
import type { Allow, Sandbox } from '@lsmkit/sandbox'

export interface Canary {
  readonly text: string
  /** Where it was put. */
  readonly home: string
  /** No guest may read it. */
  isHidden: boolean
  /** No guest may change it. */
  isFixed: boolean
}

const isBeneath = (path: string, top: string): boolean =>
  path === top || path.startsWith(top === '/' ? top : `${top}/`)

/** Whether any of the names is above the path. */
const allows = (names: readonly string[] | undefined, path: string): boolean =>
  (names ?? []).some((name) => isBeneath(path, name))

export const canaryIn = (dir: string, { read, write, exec }: Allow, number: number): Canary => ({
  text: `CANARY-${number}-${dir}`, home: `${dir}/canary`,
  isHidden: !allows(read, dir) && !allows(exec, dir), isFixed: !allows(write, dir),
})

/** Where it is by now; where guests may write it may be moved, and written to. */
const placesOf = async (box: Sandbox, { text }: Canary): Promise<string[]> => {
  const { entries } = await box.snapshot()
  return entries.filter(({ data }) => data instanceof Uint8Array && new TextDecoder().decode(data).includes(text))
    .map(({ path }) => path)
}

/**
 * The files that are still hidden and fixed under a wider policy. `onHost`: where one is that lies in a folder of the
 * host.
 */
export const afterPermit = async (
  box: Sandbox, canaries: readonly Canary[], more: Allow, onHost: (canary: Canary) => string[] | null,
): Promise<Canary[]> => Promise.all(canaries.map(async (canary) => {
  const places = onHost(canary) ?? await placesOf(box, canary)
  const isNamed = (names: readonly string[] | undefined): boolean => places.some((path) => allows(names, path))
  return {
    ...canary, isHidden: canary.isHidden && !isNamed(more.read) && !isNamed(more.exec),
    isFixed: canary.isFixed && !isNamed(more.write),
  }
}))

/** The texts of hidden canaries in what a guest has got. */
export const shown = (canaries: readonly Canary[], text: string): Canary | undefined =>
  canaries.find((canary) => canary.isHidden && text.includes(canary.text))
