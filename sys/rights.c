/* What root may do and a server must not. */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <grp.h>
#include <linux/capability.h>
#include <string.h>
#include <unistd.h>

#include "sys.h"

/* All are given up but those of ${keep}, a bit each of the first 32. */
static enum err
keep_only(uint32_t keep)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct have[2], want[2];

	memset(have, 0, sizeof(have));
	memset(want, 0, sizeof(want));
	if (syscall(SYS_capget, &head, have) == -1)
		return ERR_SYS;
	want[0].permitted = want[0].effective = keep & have[0].permitted;
	return syscall(SYS_capset, &head, want) == 0 ? ERR_OK : ERR_SYS;
}

enum err
process_rights(const char *dir)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	uint32_t keep = 0;
	struct stat st;

	if (geteuid() != 0 || stat(dir, &st) == -1)
		return ERR_OK;	/* who opens it will say what is wrong */
	/* in a container root may lock memory, yet not lift the limit */
	if (setrlimit(RLIMIT_MEMLOCK, &none) == -1)
		keep = UINT32_C(1) << CAP_IPC_LOCK;
	if (st.st_uid != 0 && (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == -1 ||
	    setgroups(0, NULL) == -1 ||
	    setresgid(st.st_gid, st.st_gid, st.st_gid) == -1 ||
	    setresuid(st.st_uid, st.st_uid, st.st_uid) == -1))
		return ERR_SYS;
	return keep_only(keep);
}
