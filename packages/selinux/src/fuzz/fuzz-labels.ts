/**
 * Texts about users and local changes: damaged lines of `semanage`, of a store's files and of accounts. They are taken
 * and applied to a policy, or refused with a LabelsError.
 */
import { OptionError } from '@lsmkit/core/option-rules'
import { readPolicy } from '../policydb/reader.ts'
import { writePolicy } from '../policydb/writer.ts'
import { LabelsError } from '../labels/errors.ts'
import { homedirContexts } from '../labels/homedirs.ts'
import { applyLocalChanges } from '../labels/local/apply.ts'
import { LocalChanges, localFileContextsText } from '../labels/local/changes.ts'
import { takeSemanage } from '../labels/local/semanage.ts'
import { storeFileNames, takeStoreFile } from '../labels/local/store-files.ts'
import { FileContextsError } from '../server/file-contexts/errors.ts'
import { FileContexts } from '../server/file-contexts/file-contexts.ts'
import { mutateText } from './mutate.ts'
import { textOf } from './target.ts'
import type { FuzzTarget } from './target.ts'

const semanage = `port -a -t port_t -r 's0-s1:c0' -p tcp 8000-8010
node -a -M 255.0.0.0 -p ipv4 -t etc_t 10.0.0.0
interface -a -t etc_t -r s0 eth0
fcontext -a -f d -t home_t '/srv(/.*)?'
fcontext -a -e /home /export
boolean -m -1 share
login -a -s joe -r s0-s1 %red
user -a -R 'user_r staff_r' -L s0 -r s0-s1 new_u
`
const store = `portcon tcp 80 - 90 system_u:object_r:etc_t:s0
nodecon ipv6 fe80:: ffff:: system_u:object_r:etc_t:s0-s1:c0.c3
netifcon eth0 system_u:object_r:etc_t:s0 system_u:object_r:etc_t:s0
user joe roles { user_r } level s0 range s0-s1:c1;
bob:joe:s0-s1
user joe prefix staff;
/srv(/.*)?\t-d\tsystem_u:object_r:home_t:s0
/alias /srv
share=1
`
const accounts = `bob:x:1000:7:B:/home/bob:/bin/sh
red:x:7:ann,bob
__default__:joe:s0
HOME_DIR/.+\tsystem_u:object_r:home_t:s0
/run/%{USERID}\tsystem_u:object_r:ROLE_t:s0
`
const pieces = [
  "'", '"', '\\', ':', '-', '/', ' ', '\t', '\n', '%', '{', '}', ';', '#', 's0:c0.c5', '-D', '-d', '--', '=', '(',
  '[^/]+', '99999',
  '::', '255.255.255.255', 'USER', 'ROLE', 'HOME_ROOT', '%{USERNAME}', '__default__', '\0', '$&', 'a'.repeat(300),
]

export const labelsTarget = (bytes: Uint8Array): FuzzTarget => {
  const policy = readPolicy(bytes)
  const attempts: readonly ((text: string) => void)[] = [
    (text) => {
      const changes = new LocalChanges()
      takeSemanage(changes, text)
      writePolicy(applyLocalChanges(policy, changes))
      void new FileContexts({ base: '', local: localFileContextsText(changes, true) })
    },
    (text) => {
      const changes = new LocalChanges()
      for (const name of storeFileNames) {
        takeStoreFile(changes, name, text.split('\n').filter((_, i) => i % storeFileNames.length ===
          storeFileNames.indexOf(name)).join('\n'))
      }
      writePolicy(applyLocalChanges(policy, changes))
    },
    (text) => {
      const lines = text.split('\n')
      const { text: homes } = homedirContexts(policy, {
        passwd: lines[0] ?? '', group: lines[1] ?? '', seusers: lines[2] ?? '',
        fileContexts: lines.slice(3).join('\n'),
      })
      void new FileContexts({ base: '', homedirs: homes })
    },
  ]
  const texts = [semanage, store, accounts]
  return {
    make(random) {
      const kind = random.below(texts.length)
      return `${kind}${mutateText(texts[kind]!, pieces, random)}`
    },
    attempt(input) {
      const text = textOf(input)
      try {
        attempts[Number(text[0]) % attempts.length || 0]!(text.slice(1))
        return true
      } catch (error) {
        if ([LabelsError, FileContextsError, OptionError].some((known) => error instanceof known)) return false
        throw error
      }
    },
  }
}
