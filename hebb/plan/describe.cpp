// The table that Plan::describe writes.

#include <algorithm>
#include <cstdio>
#include <map>

#include "hebb/plan/plan.h"

namespace hebb {

namespace {

/// One or several steps: what a run of them costs and takes.
struct Total {
  int64_t steps = 0;
  double seconds = 0;  // of one run; 0: not measured
  Cost cost;

  void add(const Plan::Timing& row) {
    ++steps;
    if (row.calls > 0) seconds += row.seconds / static_cast<double>(row.calls);
    cost.flops += row.cost.flops;
    cost.bytes += row.cost.bytes;
  }
};

std::string number(double value, const char* format = "%.1f") {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

/// A dash where there is nothing to say.
std::string rate(double amount, double seconds) {
  return amount > 0 && seconds > 0 ? number(amount / seconds * 1e-9) : "-";
}

/// "   12.3  4.5%    12.30    80.1     120.0   10.2": time, share, arithmetic, its rate, bytes, their rate.
std::string columns(const Total& part, const Total& all) {
  char line[160];
  const bool timed = part.seconds > 0;
  std::snprintf(line, sizeof line, "%9s %6s %9s %8s %9s %7s", timed ? number(part.seconds * 1e6).c_str() : "-",
                timed ? (number(100 * part.seconds / all.seconds) + "%").c_str() : "-",
                part.cost.flops > 0 ? number(part.cost.flops * 1e-6, "%.3f").c_str() : "-",
                rate(part.cost.flops, part.seconds).c_str(), number(part.cost.bytes / 1024).c_str(),
                rate(part.cost.bytes, part.seconds).c_str());
  return line;
}

std::string header() {
  char line[160];
  std::snprintf(line, sizeof line, "%9s %6s %9s %8s %9s %7s", "us", "share", "MFLOP", "GFLOP/s", "KiB", "GB/s");
  return line;
}

}  // namespace

std::string Plan::describe() const {
  const std::vector<Timing> rows = timings();
  Total all;
  std::map<std::string, Total> by_implementation;
  for (const Timing& row : rows) {
    all.add(row);
    by_implementation[row.implementation].add(row);
  }
  char line[256];
  std::snprintf(line, sizeof line, "%4s  %-22s %-18s %s  %s\n", "step", "operation", "kernel", header().c_str(),
                "shapes");
  std::string out = line;
  for (size_t i = 0; i < rows.size(); ++i) {
    Total one;
    one.add(rows[i]);
    std::snprintf(line, sizeof line, "%4zu  %-22s %-18s %s  ", i, rows[i].operation.c_str(),
                  rows[i].implementation.c_str(), columns(one, all).c_str());
    out += line + rows[i].specs + "\n";
  }
  out += "\n";
  // What takes longest stands first.
  std::vector<std::pair<std::string, Total>> totals(by_implementation.begin(), by_implementation.end());
  std::stable_sort(totals.begin(), totals.end(),
                   [](const auto& a, const auto& b) { return a.second.seconds > b.second.seconds; });
  totals.emplace_back("all", all);
  for (const auto& [name, total] : totals) {
    std::snprintf(line, sizeof line, "%4lld  %-22s %-18s %s\n", static_cast<long long>(total.steps), "steps",
                  name.c_str(), columns(total, all).c_str());
    out += line;
  }
  std::snprintf(line, sizeof line, "%zu steps, arena %.1f KiB", rows.size(), static_cast<double>(arena_bytes()) / 1024);
  out += line;
  if (all.seconds > 0) {
    std::snprintf(line, sizeof line, ", %.3f ms a run", all.seconds * 1e3);
    out += line;
  }
  return out + "\n";
}

}  // namespace hebb
