/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Half of a program: what it calls is in no object here. */
#include "lsmkit.h"

extern int other_half(u64 *ctx);

SEC("lsm/file_open")
int half(u64 *ctx)
{
  return other_half(ctx);
}

LICENSE;
