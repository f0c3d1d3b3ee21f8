/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* One function without a section of its own: a program, as for old loaders, whose type whoever loads it tells. */
#include "lsmkit.h"

int lone(u64 *ctx)
{
  return 0;
}

LICENSE;
