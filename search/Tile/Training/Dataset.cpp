//===- Dataset.cpp - What small models are trained on ---------------------===//
//
// Part of the Sevenfold project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// idx files: two zero bytes, the type (8: bytes), the number of dimensions,
// their sizes as 32-bit big-endian numbers, and the elements.
//
//===----------------------------------------------------------------------===//

#include "search/Tile/Training/Dataset.h"

#include "sevenfold/Support/Error.h"
#include "sevenfold/Support/Random.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/FileSystem.h"

#include <zlib.h>

#include <cmath>
#include <memory>

using namespace sevenfold;

/// The most bytes that a file of this kind has.
static constexpr size_t kMostBytes = size_t(64) << 20;

/// The bytes of a file, inflated if they are gzipped.
static llvm::Expected<std::vector<unsigned char>>
readBytes(const std::string &path) {
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"),
                                                  gzclose);
  if (!file)
    return makeError("cannot read '{0}'", path);
  std::vector<unsigned char> bytes;
  constexpr unsigned kPiece = 1 << 20;
  for (;;) {
    size_t size = bytes.size();
    bytes.resize(size + kPiece);
    int read = gzread(file.get(), bytes.data() + size, kPiece);
    if (read < 0)
      return makeError("{0}: is damaged", path);
    bytes.resize(size + size_t(read));
    if (read == 0)
      return bytes;
    if (bytes.size() > kMostBytes)
      return makeError("{0}: is larger than {1} bytes", path, kMostBytes);
  }
}

/// The elements of an idx file of bytes with these dimensions, where the first
/// one (-1) may be anything, which is returned with them.
static llvm::Expected<std::pair<int64_t, std::vector<unsigned char>>>
readIdx(const std::string &folder, const std::string &name,
        llvm::ArrayRef<int64_t> dimensions) {
  std::string path = folder + "/" + name;
  if (llvm::sys::fs::exists(path + ".gz"))
    path += ".gz";
  auto bytes = readBytes(path);
  if (!bytes)
    return bytes.takeError();
  size_t head = 4 + 4 * dimensions.size();
  auto refuse = [&] {
    return makeError("{0}: expected an idx file of bytes in {1} dimensions",
                     path, dimensions.size());
  };
  if (bytes->size() < head || (*bytes)[0] != 0 || (*bytes)[1] != 0 ||
      (*bytes)[2] != 8 || (*bytes)[3] != dimensions.size())
    return refuse();
  int64_t count = 0, elements = 1;
  for (size_t i = 0; i < dimensions.size(); ++i) {
    int64_t size = 0;
    for (size_t b = 0; b < 4; ++b)
      size = size * 256 + (*bytes)[4 + 4 * i + b];
    if (i == 0)
      count = size;
    else if (size != dimensions[i])
      return refuse();
    elements *= size;
  }
  if (int64_t(bytes->size() - head) != elements)
    return makeError("{0}: expected {1} elements but got {2} bytes", path,
                     elements, bytes->size() - head);
  bytes->erase(bytes->begin(), bytes->begin() + ptrdiff_t(head));
  return std::pair{count, std::move(*bytes)};
}

static constexpr int64_t kPixels = 28, kClasses = 10;

static llvm::Expected<SampleSet> readImages(const std::string &folder,
                                            const std::string &prefix) {
  auto images =
      readIdx(folder, prefix + "-images-idx3-ubyte", {-1, kPixels, kPixels});
  if (!images)
    return images.takeError();
  auto labels = readIdx(folder, prefix + "-labels-idx1-ubyte", {-1});
  if (!labels)
    return labels.takeError();
  if (images->first != labels->first || images->first == 0)
    return makeError("{0}: expected as many labels as images of '{1}' but got "
                     "{2} and {3}",
                     folder, prefix, labels->first, images->first);
  SampleSet set;
  set.count = images->first;
  set.inputs.assign(images->second.begin(), images->second.end());
  for (unsigned char label : labels->second) {
    if (label >= kClasses)
      return makeError("{0}: expected labels below {1} but got {2}", folder,
                       kClasses, unsigned(label));
    set.classes.push_back(label);
  }
  return set;
}

llvm::Expected<Dataset> sevenfold::readFashionMnist(const std::string &folder) {
  if (!llvm::sys::fs::is_directory(folder))
    return makeError("there is no folder '{0}': Debian's package "
                     "dataset-fashion-mnist has the images",
                     folder);
  Dataset data;
  data.name = "fashion-mnist";
  data.rows = data.width = kPixels;
  data.outputs = kClasses;
  auto training = readImages(folder, "train");
  if (!training)
    return training.takeError();
  auto test = readImages(folder, "t10k");
  if (!test)
    return test.takeError();
  double sum = 0, square = 0;
  for (float pixel : training->inputs) {
    sum += pixel;
    square += double(pixel) * pixel;
  }
  auto count = double(training->inputs.size());
  double mean = sum / count,
         deviation = std::sqrt(std::max(square / count - mean * mean, 1e-12));
  for (SampleSet *set : {&*training, &*test})
    for (float &pixel : set->inputs)
      pixel = float((pixel - mean) / deviation);
  data.training = std::move(*training);
  data.test = std::move(*test);
  return data;
}

Dataset sevenfold::makeTeacher(int64_t rows, int64_t width, int64_t outputs,
                               int64_t examples, uint64_t seed) {
  Random random(seed);
  Dataset data;
  data.name = "teacher";
  data.rows = rows;
  data.width = width;
  data.outputs = outputs;
  int64_t hidden = 2 * width;
  std::vector<float> first(size_t(width * hidden)),
      second(size_t(hidden * outputs));
  for (float &value : first)
    value = float(random.normal() / std::sqrt(double(width)));
  for (float &value : second)
    value = float(random.normal() / std::sqrt(double(hidden)));
  auto make = [&](int64_t count) {
    SampleSet set;
    set.count = count;
    set.inputs.resize(size_t(count * rows * width));
    set.targets.resize(size_t(count * outputs));
    for (float &value : set.inputs)
      value = float(random.normal());
    for (int64_t i = 0; i < count; ++i)
      for (int64_t row = 0; row < rows; ++row) {
        const float *x = set.inputs.data() + (i * rows + row) * width;
        for (int64_t h = 0; h < hidden; ++h) {
          float sum = 0;
          for (int64_t j = 0; j < width; ++j)
            sum += x[j] * first[size_t(j * hidden + h)];
          float active = std::max(sum, 0.0f) / float(rows);
          for (int64_t o = 0; o < outputs; ++o)
            set.targets[size_t(i * outputs + o)] +=
                active * second[size_t(h * outputs + o)];
        }
      }
    return set;
  };
  data.training = make(examples);
  data.test = make(std::max<int64_t>(examples / 4, 1));
  return data;
}
