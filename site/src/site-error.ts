/** The faults that keep the site from being built, a line each. */
export class SiteError extends Error {
  readonly exitCode: number

  constructor(what: string, faults: readonly string[] = [], exitCode = 1) {
    super([what, ...faults.map((fault) => `  ${fault}`)].join('\n'))
    this.exitCode = exitCode
  }
}
