/*
 * libsepol on a policy: decisions of tuples, or loading.
 *
 *   sepol av POLICY CONTEXTS TUPLES    contexts, one a line; tuples `source target class`, by place and value
 *   sepol load POLICY
 */
#include <sepol/policydb/policydb.h>
#include <sepol/policydb/services.h>
#include <sepol/policydb/sidtab.h>
#include "pass.h"

static char *image;
static size_t image_size;
static uint32_t (*tuples)[3];
static size_t count;

static void load(policydb_t *p, sidtab_t *s)
{
	struct policy_file pf;

	policy_file_init(&pf);
	pf.type = PF_USE_MEMORY;
	pf.data = image;
	pf.len = image_size;
	if (policydb_init(p) || policydb_read(p, &pf, 0) || sepol_sidtab_init(s) || policydb_load_isids(p, s)) {
		fprintf(stderr, "the policy cannot be loaded\n");
		exit(1);
	}
}

static double load_pass(void)
{
	policydb_t p;
	sidtab_t s;
	uint64_t start = now_ns(), end;

	load(&p, &s);
	end = now_ns();
	policydb_destroy(&p);
	sepol_sidtab_destroy(&s);
	return (double)(end - start);
}

static uint32_t no_sum(void)
{
	return 0;
}

static uint32_t av_sum(void)
{
	uint32_t sum = 2166136261u;
	struct sepol_av_decision d;

	for (size_t i = 0; i < count; i++) {
		sepol_compute_av(tuples[i][0], tuples[i][1], (sepol_security_class_t)tuples[i][2], ~0u, &d);
		sum = mix(mix(mix(sum, d.allowed), d.auditallow), d.auditdeny);
	}
	return sum;
}

static double av_pass(void)
{
	uint64_t start = now_ns();
	volatile uint32_t sink = av_sum();

	(void)sink;
	return (double)(now_ns() - start) / (double)count;
}

int main(int argc, char **argv)
{
	static policydb_t p;
	static sidtab_t s;
	size_t size, contexts = 0, room = 0;
	sepol_security_id_t *sids = NULL;
	char *text, *line;

	if (argc < 3)
		return 2;
	image = read_all(argv[2], &image_size);
	if (!strcmp(argv[1], "load")) {
		answer_parent(load_pass, no_sum);
		return 0;
	}
	load(&p, &s);
	sepol_set_policydb(&p);
	sepol_set_sidtab(&s);
	text = read_all(argv[3], &size);
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (contexts == room) {
			room = room ? 2 * room : 1024;
			sids = realloc(sids, room * sizeof(*sids));
		}
		if (sepol_context_to_sid(line, strlen(line) + 1, &sids[contexts])) {
			fprintf(stderr, "no context: %s\n", line);
			return 1;
		}
		contexts++;
	}
	text = read_all(argv[4], &size);
	room = 0;
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		unsigned a, b, c;

		if (sscanf(line, "%u %u %u", &a, &b, &c) != 3)
			return 1;
		if (count == room) {
			room = room ? 2 * room : 1024;
			tuples = realloc(tuples, room * sizeof(*tuples));
		}
		tuples[count][0] = sids[a];
		tuples[count][1] = sids[b];
		tuples[count++][2] = c;
	}
	answer_parent(av_pass, av_sum);
	return 0;
}
