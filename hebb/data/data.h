/// All data sets, readers and preprocessing.
#pragma once

#include "hebb/data/cifar10.h"
#include "hebb/data/class_folders.h"
#include "hebb/data/csv.h"
#include "hebb/data/dataset.h"
#include "hebb/data/digits.h"
#include "hebb/data/idx.h"
#include "hebb/data/image.h"
#include "hebb/data/image_folder.h"
#include "hebb/data/k_fold.h"
#include "hebb/data/mnist.h"
#include "hebb/data/npy.h"
#include "hebb/data/preprocessing.h"
#include "hebb/data/synthetic.h"
#include "hebb/data/text_folder.h"
