#include "hebb/ops/attention.h"

#include <algorithm>

#include "hebb/backend/cpu/simd/attention_functions.h"
#include "hebb/backend/cpu/simd/gemm.h"
#include "hebb/backend/cpu/simd/parts.h"
#include "hebb/backend/cpu/simd/simd.h"
#include "hebb/base/piece_memory.h"
#include "hebb/base/text.h"

namespace hebb {

namespace {

using simd::AttentionRows;
using simd::divide_up;
using simd::GemmBlock;

constexpr auto float_bytes = static_cast<int64_t>(sizeof(float));

/// What both directions know of a call. A block of queries of one head meets all keys at once: its scores stay in a
/// core's own cache.
struct Geometry {
  Geometry(std::span<const Spec> in, const AttentionOptions& given, bool masked)
      : causal(given.causal),
        scale(static_cast<float>(given.scale)),
        lowest(static_cast<float>(lowest_score(DType::float32))),
        batch(in[0].shape[0]),
        steps(in[0].shape[1]),
        heads(in[0].shape[2]),
        depth(in[0].shape[3]),
        sources(in[1].shape[1]),
        groups(in[1].shape[2]),
        width(in[2].shape[3]),
        functions(simd::find_attention_functions()),
        gemm(simd::find_gemm_functions<float>()),
        step(divide_up(sources, functions.lanes) * functions.lanes) {
    constexpr int64_t scores_of_block = 24 * 1024, fewest = 8;
    rows = std::clamp<int64_t>(scores_of_block / std::max<int64_t>(1, step) / fewest * fewest, fewest,
                               std::max(fewest, steps));
    blocks = divide_up(steps, rows);
    rows = blocks == 0 ? 0 : divide_up(steps, blocks);
    if (!masked) return;
    const Shape& mask = in[3].shape;
    int64_t stride = 1;
    for (int axis = 3; axis >= 0; --axis) {
      mask_steps[axis] = mask[axis] == 1 ? 0 : stride;
      stride *= mask[axis];
    }
  }

  int64_t group_of(int64_t head) const { return head / (heads / groups); }
  /// Where a head's first row stands, in rows of the array.
  int64_t query_row(int64_t b, int64_t head, int64_t t) const { return (b * steps + t) * heads + head; }
  int64_t source_row(int64_t b, int64_t group) const { return b * sources * groups + group; }

  /// A block's rows from the step `t` on, with its scores at `scores`: products of queries and keys.
  AttentionRows block(const KernelArgs& args, bool masked, int64_t b, int64_t head, int64_t t, float* scores,
                      float* statistics) const {
    AttentionRows r;
    r.scores = scores;
    r.step = step;
    r.rows = std::min(rows, steps - t);
    // What no row of the block may see is left out, unless a mask could leave nothing else.
    r.columns = causal && !masked ? std::min(sources, t + r.rows) : sources;
    r.scale = scale;
    r.lowest = lowest;
    if (masked) r.mask = args.input<bool>(3) + b * mask_steps[0] + head * mask_steps[1] + t * mask_steps[2];
    r.mask_row = mask_steps[2];
    r.mask_column = mask_steps[3];
    r.first = causal ? t : -1;
    r.statistics = statistics + 2 * ((b * heads + head) * steps + t);
    multiply_by_rows(args.input<float>(0) + query_row(b, head, t) * depth, heads * depth,
                     args.input<float>(1) + source_row(b, group_of(head)) * depth, groups * depth, depth, r, scores);
    return r;
  }

  /// out (rows x columns) = a (rows x depth) times the transpose of b (columns x depth).
  void multiply_by_rows(const float* a, int64_t a_step, const float* b, int64_t b_step, int64_t terms,
                        const AttentionRows& r, float* out) const {
    GemmBlock<float> g;
    g.a = a;
    g.a_row = a_step;
    g.a_column = 1;
    g.b = b;
    g.b_step = b_step;
    g.b_transposed = true;
    g.c = out;
    g.c_step = step;
    g.rows = r.rows;
    g.columns = r.columns;
    g.depth = terms;
    gemm.block(g);
  }

  /// out (rows x size) = scores (rows x columns) times b (columns x size).
  void multiply_scores(const float* scores, const AttentionRows& r, const float* b, int64_t b_step, int64_t size,
                       float* out, int64_t out_step) const {
    GemmBlock<float> g;
    g.a = scores;
    g.a_row = step;
    g.a_column = 1;
    g.b = b;
    g.b_step = b_step;
    g.c = out;
    g.c_step = out_step;
    g.rows = r.rows;
    g.columns = size;
    g.depth = r.columns;
    gemm.block(g);
  }

  /// out (columns x size) += the transpose of scores (rows x columns) times b (rows x size).
  void add_by_scores(const float* scores, const AttentionRows& r, const float* b, int64_t b_step, int64_t size,
                     float* out, int64_t out_step, bool add) const {
    GemmBlock<float> g;
    g.a = scores;
    g.a_row = 1;
    g.a_column = step;
    g.b = b;
    g.b_step = b_step;
    g.c = out;
    g.c_step = out_step;
    g.rows = r.columns;
    g.columns = size;
    g.depth = r.rows;
    g.add = add;
    gemm.block(g);
  }

  bool causal;
  float scale, lowest;
  int64_t batch, steps, heads, depth, sources, groups, width;
  int64_t mask_steps[4] = {};
  simd::AttentionFunctions functions;
  simd::GemmFunctions<float> gemm;
  int64_t step;          ///< from one row of scores to the next
  int64_t rows, blocks;  ///< of the queries of a head
};

/// Pieces: blocks of the queries of a head.
class SimdAttention : public Kernel {
 public:
  SimdAttention(const Geometry& g, bool masked) : g_(g), masked_(masked) { reserve_piece_memory(bytes()); }

  std::string_view implementation() const override { return "simd"; }
  int64_t pieces(int) const override { return g_.batch * g_.heads * g_.blocks; }

  void run(int, int64_t piece, const KernelArgs& args) const override {
    const int64_t t = piece % g_.blocks * g_.rows, head = piece / g_.blocks % g_.heads,
                  b = piece / g_.blocks / g_.heads;
    if (t >= g_.steps) return;
    const PieceMemory memory(bytes());
    float *scores = memory.floats(), *y = args.output<float>(0) + g_.query_row(b, head, t) * g_.width;
    const AttentionRows r = g_.block(args, masked_, b, head, t, scores, args.output<float>(1));
    g_.functions.exponentials(r);
    g_.multiply_scores(scores, r, args.input<float>(2) + g_.source_row(b, g_.group_of(head)) * g_.width,
                       g_.groups * g_.width, g_.width, y, g_.heads * g_.width);
    g_.functions.normalize(y, g_.heads * g_.width, r.rows, g_.width, r.statistics);
  }

 private:
  int64_t bytes() const { return g_.rows * g_.step * float_bytes; }

  Geometry g_;
  bool masked_;
};

/// Pieces: heads of the keys, each with all queries that it serves, whose gradients are added one after the other.
class SimdAttentionBackward : public Kernel {
 public:
  SimdAttentionBackward(const Geometry& g, bool masked) : g_(g), masked_(masked) { reserve_piece_memory(bytes()); }

  std::string_view implementation() const override { return "simd"; }
  int64_t pieces(int) const override { return g_.batch * g_.groups; }

  void run(int, int64_t piece, const KernelArgs& args) const override {
    const int64_t group = piece % g_.groups, b = piece / g_.groups, heads = g_.heads / g_.groups;
    const int64_t source = g_.source_row(b, group);
    float *dk = args.output<float>(1) + source * g_.depth, *dv = args.output<float>(2) + source * g_.width;
    const PieceMemory memory(bytes());
    bool add = g_.causal || g_.steps == 0;  // blocks then reach some of the keys only
    if (add) {
      clear(dk, g_.depth);
      clear(dv, g_.width);
    }
    for (int64_t head = group * heads; head < (group + 1) * heads; ++head) {
      for (int64_t t = 0; t < g_.steps; t += g_.rows) {
        run_block(args, memory.floats(), b, head, t, dk, dv, add);
        add = true;
      }
    }
  }

 private:
  int64_t bytes() const { return 2 * g_.rows * g_.step * float_bytes; }

  void clear(float* rows, int64_t width) const {
    for (int64_t s = 0; s < g_.sources; ++s) std::fill_n(rows + s * g_.groups * width, width, 0.0f);
  }

  void run_block(const KernelArgs& args, float* memory, int64_t b, int64_t head, int64_t t, float* dk, float* dv,
                 bool add) const {
    const size_t at = 3 + static_cast<size_t>(masked_);
    const int64_t group = g_.group_of(head), row = g_.query_row(b, head, t), source = g_.source_row(b, group);
    const int64_t query_step = g_.heads * g_.depth, value_step = g_.groups * g_.width,
                  result_step = g_.heads * g_.width;
    const float* dy = args.input<float>(at + 2) + row * g_.width;
    float *shares = memory, *slopes = memory + g_.rows * g_.step;
    AttentionRows r =
        g_.block(args, masked_, b, head, t, shares, const_cast<float*>(args.input<float>(at + 1)));  // read alone
    r.slopes = slopes;
    g_.multiply_by_rows(dy, result_step, args.input<float>(2) + source * g_.width, value_step, g_.width, r, slopes);
    g_.functions.gradients(r);
    g_.add_by_scores(shares, r, dy, result_step, g_.width, dv, value_step, add);
    g_.add_by_scores(slopes, r, args.input<float>(0) + row * g_.depth, query_step, g_.depth, dk, g_.groups * g_.depth,
                     add);
    g_.multiply_scores(slopes, r, args.input<float>(1) + source * g_.depth, g_.groups * g_.depth, g_.depth,
                       args.output<float>(0) + row * g_.depth, query_step);
  }

  Geometry g_;
  bool masked_;
};

/// Whether there is anything to compute: sizes of zero are left to the reference.
template <class KernelType, class OpType>
std::unique_ptr<Kernel> make(const Call& call, Refusal& why) {
  const auto& op = static_cast<const OpType&>(call.op);
  if (call.in[0].dtype != DType::float32) return why(message("float32 only, not ", call.in[0].dtype));
  for (const Spec& spec : call.in) {
    if (spec.shape.elements() == 0) return why("no empty inputs");
  }
  return std::make_unique<KernelType>(Geometry(call.in, op.options(), op.is_masked()), op.is_masked());
}

}  // namespace

std::unique_ptr<Kernel> make_simd_attention(const Call& call, Refusal& why) {
  return make<SimdAttention, AttentionOp>(call, why);
}

std::unique_ptr<Kernel> make_simd_attention_backward(const Call& call, Refusal& why) {
  return make<SimdAttentionBackward, AttentionBackward>(call, why);
}

}  // namespace hebb
