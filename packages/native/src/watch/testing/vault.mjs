/** A module of a third party: files below a folder are its program's own, and nobody else opens them. */
import { defineLsm } from '@lsmkit/core'

const EACCES = 13

const pathOf = (path) => {
  const names = []
  for (let at = path.dentry; at.d_parent !== at && at.d_parent !== null; at = at.d_parent) names.unshift(at.d_name.name)
  return `/${names.join('/')}`
}

export const vault = ({ folder, program }) => defineLsm({
  name: 'vault', abi: '1.0',
  hooks: {
    file_open(file) {
      return pathOf(file.f_path).startsWith(`${folder}/`) ? -EACCES : 0
    },
    inode_unlink(_dir, dentry) {
      return dentry.d_name.name === 'kept' ? -EACCES : 0
    },
    bprm_check_security(bprm) {
      return pathOf(bprm.file.f_path) === program ? -EACCES : 0
    },
    inode_rename(_dir, dentry) {
      return dentry.d_name.name === 'kept' ? -EACCES : 0
    },
    socket_sendmsg(_sock, message) {
      return (message.msg_name?.addr ?? '').startsWith(`${folder}/`) ? -EACCES : 0
    },
    socket_connect(_sock, address) {
      return (address.sin_port ?? 0) === 9 ? -EACCES : 0
    },
  },
})
