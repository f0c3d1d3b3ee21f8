/*
 * libselinux's access vector cache without a kernel: what it would ask selinuxfs is answered here, and grants all. Each
 * pair of SIDs has a reference of its own, as object managers keep them.
 *
 *   selinux-avc KEYS
 */
#include <selinux/avc.h>
#include <selinux/selinux.h>
#include "pass.h"

int selinux_status_open(int fallback) { (void)fallback; return 0; }
void selinux_status_close(void) {}
int selinux_status_updated(void) { return 0; }
int selinux_status_getenforce(void) { return 1; }
int selinux_status_policyload(void) { return 1; }
int selinux_status_deny_unknown(void) { return 0; }
int security_getenforce(void) { return 1; }
int security_deny_unknown(void) { return 0; }
int is_selinux_enabled(void) { return 1; }

int security_compute_av_flags_raw(const char *scon, const char *tcon, security_class_t tclass,
				  access_vector_t requested, struct av_decision *avd)
{
	(void)scon; (void)tcon; (void)tclass; (void)requested;
	memset(avd, 0, sizeof(*avd));
	avd->allowed = avd->decided = avd->auditdeny = ~0u;
	avd->seqno = 1;
	return 0;
}

static security_id_t *sids;
static struct avc_entry_ref *refs;
static unsigned keys;
#define PASSES 200000u

static uint32_t no_sum(void)
{
	return 0;
}

static double pass(void)
{
	uint64_t start = now_ns();
	unsigned denied = 0, at = 0;

	for (unsigned i = 0; i < PASSES; i++) {
		denied += avc_has_perm(sids[at], sids[keys], 6, 2, &refs[at], NULL) != 0;
		if (++at == keys)
			at = 0;
	}
	if (denied)
		exit(1);
	return (double)(now_ns() - start) / PASSES;
}

int main(int argc, char **argv)
{
	keys = argc > 1 ? (unsigned)atoi(argv[1]) : 100;
	sids = calloc(keys + 1, sizeof(*sids));
	refs = calloc(keys + 1, sizeof(*refs));
	if (avc_open(NULL, 0)) {
		perror("avc_open");
		return 1;
	}
	for (unsigned i = 0; i <= keys; i++) {
		char text[64];

		snprintf(text, sizeof(text), "u:r:type_%u_t:s0", i);
		if (avc_context_to_sid_raw(text, &sids[i]))
			return 1;
	}
	answer_parent(pass, no_sum);
	return 0;
}
