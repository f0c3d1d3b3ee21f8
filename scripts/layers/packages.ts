/**
 * Which package may import which. One line per package; the lint rule `lsmkit/layers` reads it, and a package without
 * a line is an error. ARCHITECTURE.md draws the same arrows, and architecture.ts compares them.
 */
export interface PackageLayer {
  /** Packages it may import, with all their subpaths. */
  readonly imports: readonly string[] | 'all'
  /** Single entry points that it may import as well: `wasi/threads`. */
  readonly entries?: readonly string[]
  /** May it import `node:` modules? The others also run in browsers. */
  readonly node?: true
}

const CORE = ['abi', 'core'] as const
const KERNEL = [...CORE, 'kernel'] as const
const MODULE: PackageLayer = { imports: CORE }

export const packageLayers: Readonly<Record<string, PackageLayer>> = {
  abi: { imports: [] },
  core: { imports: ['abi'] },
  report: { imports: ['abi'] },
  otel: { imports: CORE },
  // one LSM each: neither the kernel nor a sibling
  apparmor: MODULE,
  bpf: MODULE,
  capability: MODULE,
  landlock: MODULE,
  loadpin: MODULE,
  lockdown: MODULE,
  safesetid: MODULE,
  selinux: MODULE,
  smack: MODULE,
  yama: MODULE,
  // they call hooks and know no module
  kernel: { imports: CORE },
  wasi: { imports: KERNEL },
  testkit: { imports: KERNEL },
  node: { imports: [...KERNEL, 'sandbox'], node: true },
  sandbox: { imports: [...KERNEL, 'wasi'], entries: ['capability', 'landlock'] },
  emit: { imports: [...KERNEL], entries: ['apparmor/profile', 'apparmor/query', 'sandbox/policy-parts'] },
  deno: { imports: ['core', 'emit'], entries: ['sandbox/policy-parts'], node: true },
  'just-bash': { imports: KERNEL },
  mcp: { imports: [...KERNEL, 'sandbox', 'just-bash', 'native'], entries: ['wasi/threads'], node: true },
  native: {
    imports: [...KERNEL, 'sandbox'], node: true,
    entries: ['capability', 'landlock/plan', 'wasi/limits', 'wasi/threads'],
  },
  fleet: {
    imports: [...CORE, 'sandbox', 'selinux', 'smack', 'apparmor', 'bpf', 'landlock', 'capability', 'emit'],
    entries: ['testkit/scenario'], node: true,
  },
  cli: { imports: 'all', node: true },
  'create-lsmkit': { imports: [], node: true },
}

/** Files of a package that may do what the package may not: they run under Node, and are loaded by name. */
export const nodeFiles: readonly RegExp[] = [
  /^packages\/sandbox\/src\/kernels\/(?:here|scripts|start)\.ts$/,
  /^packages\/wasi\/src\/kept-files\.ts$/,
  /^packages\/kernel\/src\/(hostfs\.ts|fs\/hostfs\/)/,
  /^packages\/kernel\/src\/testing\/[a-z-]+-run\.ts$/,
]

/** Tests, and what only tests import. */
export const unlayered: readonly RegExp[] = [/\.test(-d)?\.ts$/, /^packages\/(sandbox|selinux|smack)\/src\/testing\//]
