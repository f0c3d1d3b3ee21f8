import { expect, test } from 'vitest'
import { fileSetIds } from './set-id.ts'
import { initUserNamespace } from './user-ns.ts'

const ids = [{ first: 0, lower_first: 0, count: 10 }]
const small = { ...initUserNamespace(), uid_map: ids, gid_map: ids }

test.each([
  { rule: 'setuid', mode: 0o4755, euid: 5, egid: null },
  { rule: 'setgid', mode: 0o2755, euid: null, egid: 6 },
  { rule: 'both', mode: 0o6755, euid: 5, egid: 6 },
  { rule: 'setgid without group execute is for locking', mode: 0o2745, euid: null, egid: null },
  { rule: 'no bits', mode: 0o755, euid: null, egid: null },
  { rule: 'nosuid', mode: 0o6755, maySuid: false, euid: null, egid: null },
  { rule: 'no_new_privs', mode: 0o6755, nnp: true, euid: null, egid: null },
  { rule: 'an owner without a name: setgid does not count either', mode: 0o6755, uid: 50, euid: null, egid: null },
  { rule: 'a group without a name: setuid does not count either', mode: 0o6755, gid: 50, euid: null, egid: null },
])('$rule', ({ mode, maySuid = true, nnp = false, uid = 5, gid = 6, euid, egid }) => {
  expect(fileSetIds({ mode, uid, gid, maySuid }, small, nnp)).toEqual({ euid, egid })
})
