/** The rows of docs/hosts.md. A feature is a module in `features/` whose function throws if it fails. */

/** In the order of the table: the file, the words of the row, and the packages it stands for. */
export const features = [
  ['core', 'a stack decides, hooks come and go', 'core, abi, capability, yama, safesetid, lockdown, loadpin'],
  ['modules', 'Smack rules, a policy of SELinux, a Landlock ruleset', 'smack, selinux, landlock'],
  ['kernel', 'a kernel boots, files are written and read', 'kernel'],
  ['wasi', 'a program runs, in the same thread', 'wasi'],
  ['wasi-suspended', 'programs wait for one another, suspended', 'wasi'],
  ['wasi-workers', 'programs wait for one another, in workers', 'wasi'],
  ['component', 'a component waits for an answer', 'wasi'],
  ['component-workers', 'a component waits for an answer, in a worker', 'wasi'],
  ['sandbox-inline', 'a box in the same thread (`inline: true`)', 'sandbox'],
  ['sandbox-worker', 'a box as it is by default: in a worker, where the host has workers', 'sandbox'],
  ['shell', 'a shell and its programs in a box', 'sandbox'],
  ['just-bash', 'just-bash on a kernel', 'just-bash'],
  ['node', "`fs` in Node's shape", 'node'],
  ['mcp', 'a tool under a policy', 'mcp'],
  ['otel', 'decisions as log records', 'otel'],
  ['host-folder', 'a folder of the host in a box', 'sandbox, kernel/hostfs'],
  ['gateway', 'a host by name (`allow.hosts`)', 'sandbox'],
].map(([name, words, packages]) => ({ name, words, packages }))

/** Programs that features run, by their name. */
export const programs = ['cat', 'sh', 'wget']
