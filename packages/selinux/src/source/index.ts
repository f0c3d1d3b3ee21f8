/** `@lsmkit/selinux/source`: policy sources (`.te`, `.if`, `.fc`) to modules. */
import { packageTextsToCil } from '../module/context-lines.ts'
import { moduleToCil } from '../module/to-cil.ts'
import { writePackage } from './build/write-module.ts'
import type { CompiledTe } from './compile.ts'
import { Files } from './files.ts'
import type { SourceFile } from './files.ts'
import { M4 } from './m4/m4.ts'

export { compileTe } from './compile.ts'
export type { CompiledTe, CompileTeOptions } from './compile.ts'
export { SourceError } from './errors.ts'
export type { SourceErrorCode, SourceErrorParts, SourceWarning } from './errors.ts'
export { expandedStatements } from './expanded.ts'
export type { ExpandedStatement } from './expanded.ts'
export type { SourceFile } from './files.ts'
export { formatPolicySource } from './format/format.ts'
export { PolicyWorkspace } from './language/workspace.ts'
export type { Completion, SourceRange, SourceSymbol } from './language/workspace.ts'
export { lintChecks } from './lint/checks.ts'
export type { CheckDefault, LintCheck } from './lint/checks.ts'
export { readLintConfig } from './lint/config.ts'
export type { LintOptions, Ordering, Severity } from './lint/config.ts'
export { enabledChecks, lintSources, severityOf } from './lint/lint.ts'
export type { LintFinding, LintInput } from './lint/lint.ts'
export { isPolicyFile } from './lint/policy-files.ts'
export type { Documentation, DocumentedParameter } from './outline/documentation.ts'
export { interfaceGrants } from './outline/grants.ts'
export type {
  GrantedAccess, GrantedAttributes, GrantedTransition, InterfaceGrants, NeededName,
} from './outline/grants.ts'
export { findInterfaces, outlineInterfaces } from './outline/outline.ts'
export type { InterfaceOutline } from './outline/outline.ts'
export { defaultBuild, readBuildConf } from './refpolicy/build-conf.ts'
export type { BuildConf } from './refpolicy/build-conf.ts'
export { PolicyHeaders } from './refpolicy/headers.ts'
export type { HeaderFiles } from './refpolicy/headers.ts'
export { ownSupport } from './refpolicy/own-support.ts'
export type { ModuleChoice } from './refpolicy/modules-conf.ts'
export { RefpolicyTree } from './refpolicy/tree.ts'

/** A text without its macros, as m4 prints it. Throws SourceError. */
export const expandMacros = ({ name, text }: SourceFile): string => {
  const m4 = new M4(new Files())
  m4.readFile(name, text)
  return m4.diversions.finish().text
}

/** A compiled module with the texts of its package (.pp), as checkmodule and semodule_package write it. */
export const compiledPackage = (compiled: CompiledTe): Uint8Array => writePackage(compiled.bytes(), compiled)

/** A compiled module with the texts of its package, as CIL. Throws PolicyError for what CIL cannot say. */
export const compiledToCil = ({ module, fileContexts, users, userPrefixes }: CompiledTe): string => {
  const texts = packageTextsToCil({ module: new Uint8Array(), fileContexts, users, userPrefixes })
  return `${[moduleToCil(module).trimEnd(), ...texts].join('\n')}\n`
}
