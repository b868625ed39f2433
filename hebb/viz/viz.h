/// All pictures.
#pragma once

#include "hebb/viz/confusion.h"
#include "hebb/viz/curves.h"
#include "hebb/viz/image_grid.h"
#include "hebb/viz/regions.h"
#include "hebb/viz/report.h"
