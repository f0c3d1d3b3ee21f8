/** Which versions of lsmkit a new project asks for: those that its template was tested with, or newer. */
export interface Ranges {
  /** For what the project tests itself with: `^0.1.0`. */
  readonly near: Readonly<Record<string, string>>
  /**
   * For what its users have beside it: `>=0.1.0 <1.0.0`, up to the next major. Core itself refuses a module whose ABI
   * it does not have, so the range need not.
   */
  readonly wide: Readonly<Record<string, string>>
}

const widened = (range: string): string => {
  const version = /^\^((\d+)\.\d+\.\d+\S*)$/.exec(range)
  return version === null ? range : `>=${version[1]} <${Number(version[2]) + 1}.0.0`
}

/** Out of the peers in the manifest of create-lsmkit, which are the packages that the templates use. */
export const rangesOf = (manifestText: string): Ranges => {
  const { peerDependencies } = JSON.parse(manifestText) as {
    peerDependencies: Record<string, string>
  }
  const near = Object.entries(peerDependencies)
  return {
    near: Object.fromEntries(near),
    wide: Object.fromEntries(near.map(([name, range]) => [name, widened(range)])),
  }
}
