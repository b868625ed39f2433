#include <filesystem>

#include "cli/models.h"
#include "cli/options.h"
#include "hebb/base/atomic_file.h"
#include "hebb/nn/model_base.h"
#include "hebb/nn/model_config.h"

namespace hebb::cli {

void add_convert(CLI::App& app, int& status) {
  CLI::App& command = *app.add_subcommand("convert", "between model formats; the ending says which");
  struct Request {
    std::string in, out;
  };
  auto request = std::make_shared<Request>();
  add_text(command, "IN", request->in, "a file (.keras, .h5, .json) or a built-in architecture")->required();
  add_text(command, "OUT", request->out, "a file (.keras, .h5, or .json for the architecture alone)")->required();
  command.footer("Example: hebb convert old.h5 new.keras");
  command.callback([request, &status] {
    const Model model = load_any_model(request->in, nullptr);
    if (std::filesystem::path(request->out).extension() == ".json") {
      write_atomically(request->out, model_to_json(model.base()).dump() + "\n");
    } else {
      model.save(request->out);
    }
    status = 0;
  });
}

}  // namespace hebb::cli
