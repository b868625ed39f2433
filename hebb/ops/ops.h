/// All operations.
#pragma once

#include "hebb/ops/conv.h"
#include "hebb/ops/elementwise.h"
#include "hebb/ops/image.h"
#include "hebb/ops/indexing.h"
#include "hebb/ops/matmul.h"
#include "hebb/ops/pool.h"
#include "hebb/ops/random.h"
#include "hebb/ops/reduce.h"
#include "hebb/ops/shaping.h"
