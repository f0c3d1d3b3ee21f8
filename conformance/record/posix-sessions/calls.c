/* System calls that take their arguments as they are, and the table of all. */
#include "runner.h"
#include <string.h>

/* n number, p text or null, d bytes and their length */
long raw(const struct callee *self, struct arg *args, int nargs)
{
	long real[8] = { 0 };
	int at = 0;
	for (int i = 0; self->kinds[i] && i < nargs; i++) {
		if (self->kinds[i] == 'n')
			real[at++] = args[i].num;
		else
			real[at++] = (long)args[i].text;
		if (self->kinds[i] == 'd')
			real[at++] = args[i].len;
	}
	return RC(syscall(self->nr, real[0], real[1], real[2], real[3], real[4], real[5]));
}

#define PLAIN(name, kinds) { #name, raw, SYS_##name, kinds },
static const struct callee plain_calls[] = {
	PLAIN(open, "pnn") PLAIN(creat, "pn") PLAIN(openat, "npnn") PLAIN(close, "n") PLAIN(dup, "n") PLAIN(dup2, "nn")
	PLAIN(dup3, "nnn") PLAIN(lseek, "nnn") PLAIN(ftruncate, "nn") PLAIN(truncate, "pn") PLAIN(fallocate, "nnnn")
	PLAIN(fsync, "n") PLAIN(fchdir, "n") PLAIN(chdir, "p") PLAIN(chroot, "p") PLAIN(umask, "n") PLAIN(access, "pn")
	PLAIN(flock, "nn") PLAIN(faccessat2, "npnn") { "fchmodat2", raw, 452, "npnn" }, PLAIN(unlinkat, "npn")
	PLAIN(mkdirat, "npn") PLAIN(mknodat, "npnn") PLAIN(fchmodat, "npn") PLAIN(fchownat, "npnnn") PLAIN(fchown, "nnn")
	PLAIN(fchmod, "nn") PLAIN(linkat, "npnpn") PLAIN(symlinkat, "pnp") PLAIN(renameat2, "npnpn") PLAIN(chmod, "pn")
	PLAIN(chown, "pnn") PLAIN(lchown, "pnn") PLAIN(link, "pp") PLAIN(symlink, "pp") PLAIN(rename, "pp")
	PLAIN(unlink, "p") PLAIN(rmdir, "p") PLAIN(mkdir, "pn") PLAIN(mknod, "pnn") PLAIN(write, "nd")
	PLAIN(pwrite64, "ndn") PLAIN(setuid, "n") PLAIN(setgid, "n") PLAIN(setreuid, "nn") PLAIN(setregid, "nn")
	PLAIN(setresuid, "nnn") PLAIN(setresgid, "nnn") PLAIN(setfsuid, "n") PLAIN(setfsgid, "n") PLAIN(kill, "nn")
	PLAIN(setsid, "") PLAIN(setpgid, "nn") PLAIN(getpgid, "n") PLAIN(getsid, "n") PLAIN(getpid, "")
	PLAIN(setxattr, "ppdn") PLAIN(lsetxattr, "ppdn") PLAIN(fsetxattr, "npdn") PLAIN(removexattr, "pp")
	PLAIN(lremovexattr, "pp") PLAIN(fremovexattr, "np") PLAIN(prctl, "nnnnn")
	PLAIN(mount, "pppnp") PLAIN(umount2, "pn") PLAIN(unshare, "n") PLAIN(pivot_root, "pp") PLAIN(open_tree, "npn")
	PLAIN(move_mount, "npnpn") PLAIN(socket, "nnn") PLAIN(listen, "nn")
	{ 0 },
};

static const struct callee *const tables[] = { plain_calls, file_calls, task_calls, ipc_calls, exec_calls };

const struct callee *find_callee(const char *name)
{
	for (unsigned t = 0; t < sizeof tables / sizeof *tables; t++)
		for (const struct callee *callee = tables[t]; callee->name; callee++)
			if (!strcmp(callee->name, name))
				return callee;
	return 0;
}
