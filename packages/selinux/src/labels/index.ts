/** `@lsmkit/selinux/labels`: labels of homes, local changes to a policy, and names of levels, as data. */
export { mappingOf, parseGroup, parsePasswd, parseSeusers, parseUsersExtra } from './accounts.ts'
export type { Account, Group, LoginMapping } from './accounts.ts'
export { LabelsError } from './errors.ts'
export type { LabelsErrorCode } from './errors.ts'
export { homedirContexts } from './homedirs.ts'
export type { HomedirOptions, Homedirs } from './homedirs.ts'
export { applyLocalChanges, policyForHomes } from './local/apply.ts'
export { equivalencesText, LocalChanges, localFileContextsText } from './local/changes.ts'
export type {
  Equivalence, LocalFileContext, LocalInterface, LocalNode, LocalPort, LocalUser, PortProtocol,
} from './local/changes.ts'
export { takeSemanage } from './local/semanage.ts'
export { storeFileNames, takeStoreFile } from './local/store-files.ts'
export { splitTemplate } from './template.ts'
