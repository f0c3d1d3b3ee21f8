/** `@lsmkit/selinux/container`: the SELinux policy of a container, by what its engine says of it. */
export { ContainerError, readInspect } from './inspect.ts'
export type {
  ContainerDevice, ContainerErrorCode, ContainerFacts, ContainerMount, ContainerPort,
} from './inspect.ts'
export { containerPolicy } from './policy.ts'
export type { ContainerCheck, ContainerOptions, ContainerPolicy } from './policy.ts'
export { containerScenario, standInPolicy } from './stand-in.ts'
