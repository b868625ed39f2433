#include "hebb/nn/known_options.h"

#include "hebb/nn/config_fields.h"

namespace hebb {

void refuse_other_options(const std::string& class_name, const Json& config, const Json& written) {
  ConfigReader reader(class_name, config);
  for (const auto& [option, value] : written.members()) reader.take(option.c_str(), [](const Json&) {});
  reader.finish({"dtype"});
}

}  // namespace hebb
