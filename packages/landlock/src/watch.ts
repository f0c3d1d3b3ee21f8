/** The watcher of rules and their grants: for coverage. Nobody unless asked for, and it decides nothing. */
import type { Domain } from './domain.ts'
import type { NamedInode } from './named-inodes.ts'
import type { Ruleset } from './ruleset.ts'

export interface GrantWatch {
  /** A rule was added: rights on a file, whose path was `place`. */
  addedInode(ruleset: Ruleset, inode: NamedInode, place: string, access: number): void
  addedPort(ruleset: Ruleset, port: number, access: number): void
  /** A domain was made; its top layer has the rules of the ruleset. */
  restricted(ruleset: Ruleset, domain: Domain): void
  /** Rights of the file system were granted at a place; `way`: inodes from there up to the root. */
  grantedPath(domain: Domain, way: readonly NamedInode[], rights: number): void
  grantedPort(domain: Domain, port: number, right: number): void
}
