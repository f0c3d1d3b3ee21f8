/** A small policy with the names that a container's policy needs, so that a scenario can try it on our kernel. */
import { kernelClassesCil } from '../kernel-classes-cil.ts'
import type { ContainerFacts } from './inspect.ts'
import type { ContainerPolicy } from './policy.ts'

/** Types that the container's policy names and does not declare. */
const foreignTypes = ({ name, checks }: ContainerPolicy): string[] =>
  [...new Set(checks.map(({ target }) => target))].filter((target) => !target.startsWith(`${name}.`))

/** CIL of a policy that stands beside that of the container. */
export const standInPolicy = (container: ContainerPolicy): string => {
  const types = [...foreignTypes(container), 'kernel_t', 'fs_t', 'other_t']
  return `; a policy to try \`${container.name}\` on: not one to use
${kernelClassesCil()}
(handleunknown deny) (mls true)
(sensitivity s0) (sensitivityorder (s0)) (category c0) (categoryorder (c0)) (sensitivitycategory s0 (c0))
(role system_r) (role object_r)
(user system_u) (userrole system_u system_r) (userrole system_u object_r)
(userlevel system_u (s0)) (userrange system_u ((s0) (s0 (c0))))
${types.map((type) => `(type ${type}) (roletype object_r ${type})`).join('\n')}
(typeattribute every_file) (typeattributeset every_file (${types.join(' ')}))
(roletype system_r kernel_t)
(sid kernel) (sidcontext kernel (system_u system_r kernel_t ((s0) (s0))))
(sid security) (sidcontext security (system_u object_r fs_t ((s0) (s0))))
(sid unlabeled) (sidcontext unlabeled (system_u object_r fs_t ((s0) (s0)))) (sidorder (kernel security unlabeled))
(fsuse trans tmpfs (system_u object_r fs_t ((s0) (s0)))) (genfscon proc "/" (system_u object_r fs_t ((s0) (s0))))
(allow kernel_t every_file (kernel_class (every))) (allow every_file fs_t (filesystem (associate)))
(allow kernel_t ${container.domain} (kernel_class (every)))
(allow ${container.domain} fs_t (dir (getattr open read search)))
${[...new Set(container.checks.map(({ target }) => target))].filter((target) => target.startsWith(`${container.name}.`))
    .map((target) => `(allow ${target} fs_t (filesystem (associate)))
(allow kernel_t ${target} (kernel_class (every)))`)
    .join('\n')}
`
}

/** A scenario that tries each mount: reading, writing where it may, and a file that is not the container's. */
export const containerScenario = (facts: ContainerFacts, container: ContainerPolicy, policy: string): string => {
  const label = (type: string): string => `'system_u:object_r:${type}:s0'`
  const tried = container.checks.filter(({ tclass, permission }) => tclass === 'file' && permission === 'write')
  const files = tried.map((check, i) => ({ ...check, path: `/try/${i}` }))
  const refused = 'errno: EACCES, by: selinux'
  return `# ${facts.engine}: tries what ${container.name} may use. Run it with: lsm scenario FILE
scenario: ${container.name} may use its mounts and no other file
lsms: [capability, selinux]
options: { selinux: { policy: ${JSON.stringify(policy)} } }
objects:
  /try: { dir: true, mode: 0755, label: ${label('fs_t')} }
  /try/other: { file: text, mode: 0666, label: ${label('other_t')} }
${files.map(({ path, target }) => `  ${path}: { file: text, mode: 0666, label: ${label(target)} }`).join('\n')}
identities:
  container: { uid: 0, label: 'system_u:system_r:${container.domain}:s0' }
steps:
${files.map(({ path, isAllowed, about }) => `  # ${about}
  - { as: container, open: [${path}, O_RDONLY], expect: { errno: ok } }
  - { as: container, open: [${path}, O_RDWR], expect: { ${isAllowed ? 'errno: ok' : refused} } }`).join('\n')}
  - { as: container, open: [/try/other, O_RDONLY], expect: { ${refused} } }
`
}
