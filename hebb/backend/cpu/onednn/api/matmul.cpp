#include "hebb/backend/cpu/onednn/api/execution.h"

namespace hebb::onednn {

std::unique_ptr<Primitive> make_matmul(const MatmulProblem& p, int executions) {
  using State = Primitive::State;
  [[maybe_unused]] const OneThread one_thread;  // nothing where oneDNN runs on other threads than OpenMP's
  const Attribute attribute = make_attribute(p.activation);
  const Desc a = Desc::with_strides({p.m, p.k}, {p.a_row, p.a_column});
  const Desc b = Desc::with_strides({p.k, p.n}, {p.b_row, p.b_column});
  const Desc out = Desc::with_strides({p.m, p.n}, {p.out_row, 1});
  const Desc bias_desc = Desc::with_strides({1, p.n}, {p.n, 1});
  Desc::Pointer bias = p.bias ? bias_desc.get() : nullptr;
  PrimitiveDesc desc;
#if DNNL_VERSION_MAJOR == 2
  dnnl_matmul_desc_t matmul;
  check(dnnl_matmul_desc_init(&matmul, a.get(), b.get(), bias, out.get()), "dnnl_matmul_desc_init");
  const auto status = dnnl_primitive_desc_create(desc.receive(), &matmul, attribute.get(), engine(), nullptr);
#else
  const auto status =
      dnnl_matmul_primitive_desc_create(desc.receive(), engine(), a.get(), b.get(), bias, out.get(), attribute.get());
#endif
  desc = found(status, std::move(desc));
  if (!desc || is_slow(implementation_of(desc))) return nullptr;
  std::vector<State::Argument> arguments = {
      {State::role_a, DNNL_ARG_SRC, a}, {State::role_b, DNNL_ARG_WEIGHTS, b}, {State::role_out, DNNL_ARG_DST, out}};
  if (p.bias) arguments.push_back({State::role_bias, DNNL_ARG_BIAS, bias_desc});
  return std::make_unique<Primitive>(std::make_unique<State>(desc, std::move(arguments), executions));
}

bool supports_activation(std::string_view name) { return name == "tanh" || name == "sigmoid"; }

}  // namespace hebb::onednn
