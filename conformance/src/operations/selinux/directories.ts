/** Operations of selinux-ops.tsv on names in directories, and on the labels of what is made. */
import { each } from '../operation.ts'
import type { Operations } from '../operation.ts'

const create = (path: string, mode = 'O_RDWR'): string => `open("${path}", O_CREAT|O_EXCL|${mode}, 0666)`
/** The label of the new name is told when the call succeeds. */
const makes = (name: string, acts: Readonly<Record<string, string>>): Operations =>
  each({ tells: ['created', name] }, acts)

export const directoryOperations: Operations = {
  ...each({}, {
    link: 'link("f", "n")',
    unlink: 'unlink("f")',
    unlink_symlink: 'unlink("l")',
    rename_away: 'rename("f", "n")',
    rename_over: 'rename("g", "f")',
    rename_exchange: 'renameat2(AT_FDCWD, "f", AT_FDCWD, "g", RENAME_EXCHANGE)',
    rename_dir_across: 'rename("d/sub", "n")',
    rename_within: 'rename("d/f", "d/n")',
    rename_into: 'rename("f", "d/n")',
    rename_out: 'rename("d/f", "n")',
    unlink_in: 'unlink("d/f")',
    rmdir_in: 'rmdir("d/sub")',
    mkdir_rmdir: 'mkdir("n", 0777); rmdir("n")',
    opendir: 'open("d", O_RDONLY|O_DIRECTORY)',
    chdir: 'chdir("d")',
    setfscreate_invalid: 'attr("fscreate", ctx("nosuch_t"))',
    setfscreate_clear: 'attr("fscreate", "\\n")',
  }),
  rename_dir_over_dir: { setup: 'dir("n", "l_t")', act: 'rename("d/sub", "n")' },
  fchdir: { setup: 'fd = open("d", O_RDONLY|O_DIRECTORY)', act: 'fchdir(fd)' },
  ...makes('n', {
    create_in: create('n'),
    create_rdonly_in: create('n', 'O_RDONLY'),
    mkdir_in: 'mkdir("n", 0777)',
    symlink_in: 'symlink("q", "n")',
    mkfifo_in: 'mknod("n", S_IFIFO|0666, 0)',
    mknod_reg_in: 'mknod("n", S_IFREG|0666, 0)',
    mknod_sock_in: 'mknod("n", S_IFSOCK|0666, 0)',
    mknod_chr_in: 'mknod("n", S_IFCHR|0666, makedev(1, 3))',
    mknod_blk_in: 'mknod("n", S_IFBLK|0666, makedev(7, 0))',
    bind_unix_in: 's = socket(AF_UNIX, SOCK_STREAM, 0); bind(s, ua("n"), 110)',
    setfscreate_create: `attr("fscreate", ctx("l_t")); ${create('n')}`,
  }),
  ...makes('d/n', {
    trans_create: create('d/n'),
    trans_mkdir: 'mkdir("d/n", 0777)',
    trans_symlink: 'symlink("q", "d/n")',
    trans_mkfifo: 'mknod("d/n", S_IFIFO|0666, 0)',
    trans_link: 'link("f", "d/n")',
    trans_rename_into: 'rename("f", "d/n")',
  }),
  ...makes('d/special', {
    trans_create_named: create('d/special'),
    trans_mkdir_named: 'mkdir("d/special", 0777)',
    trans_tmpfile_linkat: `fd = open("d", O_TMPFILE|O_RDWR, 0666); sprintf(note, "/proc/self/fd/%d", fd);
      linkat(AT_FDCWD, note, AT_FDCWD, "d/special", AT_SYMLINK_FOLLOW)`,
    setfscreate_over_trans: 'attr("fscreate", ctx("l_t")); mkdir("d/special", 0777)',
  }),
  ...each({ tells: ['noted'] }, {
    tmpfile_in: 'fd = open(".", O_TMPFILE|O_RDWR, 0666); label_of(fd)',
    trans_tmpfile: 'fd = open("d", O_TMPFILE|O_RDWR, 0666); label_of(fd)',
  }),
}
