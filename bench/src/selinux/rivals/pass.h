/* A rival answers its parent: each line "pass" is one timed pass, answered by its nanoseconds; "sum" by a checksum. */
#ifndef PASS_H
#define PASS_H
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline uint32_t mix(uint32_t sum, uint32_t value)
{
	return (sum ^ value) * 16777619u;
}

/* pass() runs once over everything and answers nanoseconds an operation; sum() a checksum of the answers. */
static inline void answer_parent(double (*pass)(void), uint32_t (*sum)(void))
{
	char line[64];

	printf("ready\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		if (!strncmp(line, "sum", 3))
			printf("%u\n", sum());
		else
			printf("%.3f\n", pass());
		fflush(stdout);
	}
}

static inline char *read_all(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	char *data;

	if (!f || fseek(f, 0, SEEK_END)) {
		perror(path);
		exit(1);
	}
	*size = (size_t)ftell(f);
	rewind(f);
	data = malloc(*size + 1);
	if (!data || fread(data, 1, *size, f) != *size) {
		perror(path);
		exit(1);
	}
	data[*size] = 0;
	fclose(f);
	return data;
}
#endif
