/// What the built-in data sets come as: a part to learn from and a part to be judged by.
///
///     auto [train, test] = data::digits();
#pragma once

#include "hebb/data/dataset.h"

namespace hebb::data {

struct TrainTest {
  Dataset train, test;
};

}  // namespace hebb::data
