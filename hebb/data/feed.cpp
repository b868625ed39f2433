#include "hebb/data/feed.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>

#include "hebb/base/error.h"
#include "hebb/base/text.h"

namespace hebb::data {

namespace {
constexpr int64_t slot_bytes = 512 * 1024;  // handed over at once: some hundred microseconds of copying
constexpr size_t slots = 3;                 // one in use, one ready, one being filled
}  // namespace

struct Feed::State {
  std::shared_ptr<const Source> source;
  int64_t batch_size = 0, count = 0, batches_in_slot = 1;
  std::vector<int64_t> component_bytes;

  struct Slot {
    std::vector<std::shared_ptr<Buffer>> memory;  // one for each component
    std::vector<void*> pointers;
    int64_t first = 0, count = 0;
    bool full = false;
  };
  std::vector<Slot> ring;
  std::vector<int64_t> order;

  std::mutex mutex;
  std::condition_variable changed;
  std::thread loader;
  std::exception_ptr error;
  bool stop = false;
  int64_t pass = 0;
  int64_t loaded = 0;  // examples given to the ring
  size_t fill_at = 0;

  // The consumer's side.
  size_t read_at = 0;
  int64_t taken = 0, taken_in_slot = 0;
  View view;
  std::vector<const void*> pointers;

  void load() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [&] { return stop || (!error && loaded < count && !ring[fill_at].full); });
      if (stop) return;
      Slot& slot = ring[fill_at];
      const int64_t first = loaded, many = std::min(batches_in_slot * batch_size, count - loaded);
      lock.unlock();
      std::exception_ptr failed;
      try {
        source->gather_in_pass(pass, std::span(order).subspan(static_cast<size_t>(first), static_cast<size_t>(many)),
                               slot.pointers);
      } catch (...) {
        failed = std::current_exception();
      }
      lock.lock();
      if (failed) {
        error = failed;
      } else {
        slot.first = first;
        slot.count = many;
        slot.full = true;
        loaded += many;
        fill_at = (fill_at + 1) % slots;
      }
      changed.notify_all();
    }
  }
};

Feed::Feed(std::shared_ptr<const Source> source, int64_t batch_size, bool drop_remainder)
    : state_(std::make_unique<State>()) {
  if (batch_size < 1)
    throw InvalidArgument(
        message("batch_size: expected at least 1, got ", batch_size, ". Give the examples of a step."));
  State& state = *state_;
  state.source = std::move(source);
  state.batch_size = std::min(batch_size, std::max<int64_t>(state.source->size(), 1));
  state.count = state.source->size();
  if (drop_remainder) state.count = state.count / batch_size * batch_size;
  int64_t example_bytes = 0;
  for (const Spec& component : state.source->components()) {
    state.component_bytes.push_back(component.bytes());
    example_bytes += component.bytes();
  }
  const int64_t batch_bytes = std::max<int64_t>(1, example_bytes * state.batch_size);
  state.batches_in_slot = std::clamp<int64_t>(slot_bytes / batch_bytes, 1, 64);
  state.ring.resize(slots);
  for (State::Slot& slot : state.ring) {
    for (int64_t bytes : state.component_bytes) {
      slot.memory.push_back(Buffer::allocate(bytes * state.batch_size * state.batches_in_slot));
      slot.pointers.push_back(slot.memory.back()->data());
    }
  }
  state.pointers.resize(state.component_bytes.size());
  state.loaded = state.taken = state.count;  // nothing to do before start()
  state.loader = std::thread([&state] { state.load(); });
}

Feed::~Feed() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->changed.notify_all();
  state_->loader.join();
}

void Feed::start(std::vector<int64_t> order, int64_t pass) {
  State& state = *state_;
  std::unique_lock lock(state.mutex);
  // The loader may be in the middle of a slot: wait until the ring is full or the epoch at its end.
  if (state.loaded < state.count && !state.error) {
    state.changed.wait(lock,
                       [&] { return state.error || state.loaded >= state.count || state.ring[state.fill_at].full; });
  }
  if (order.empty()) {
    order.resize(static_cast<size_t>(state.count));
    std::iota(order.begin(), order.end(), 0);
  }
  if (static_cast<int64_t>(order.size()) < state.count) {
    throw InvalidArgument(message("Feed: expected an order of ", state.count, " examples, got ", order.size(), "."));
  }
  state.order = std::move(order);
  state.pass = pass;
  state.error = nullptr;
  for (State::Slot& slot : state.ring) slot.full = false;
  state.loaded = state.taken = state.taken_in_slot = 0;
  state.fill_at = state.read_at = 0;
  lock.unlock();
  state.changed.notify_all();
}

const Feed::View* Feed::next() {
  State& state = *state_;
  if (state.taken >= state.count) return nullptr;
  State::Slot& slot = state.ring[state.read_at];
  if (state.taken_in_slot == 0) {
    std::unique_lock lock(state.mutex);
    state.changed.wait(lock, [&] { return slot.full || state.error; });
    if (!slot.full) std::rethrow_exception(state.error);
  } else if (state.taken_in_slot >= slot.count) {
    {
      std::lock_guard lock(state.mutex);
      slot.full = false;
    }
    state.changed.notify_all();
    state.read_at = (state.read_at + 1) % slots;
    state.taken_in_slot = 0;
    return next();
  }
  state.view.count = std::min(state.batch_size, slot.count - state.taken_in_slot);
  state.view.first = state.taken;
  for (size_t i = 0; i < state.pointers.size(); ++i) {
    state.pointers[i] = slot.memory[i]->data() + state.taken_in_slot * state.component_bytes[i];
  }
  state.view.pointers = state.pointers;
  state.taken_in_slot += state.view.count;
  state.taken += state.view.count;
  return &state.view;
}

int64_t Feed::batch_size() const { return state_->batch_size; }

int64_t Feed::batches() const { return (state_->count + state_->batch_size - 1) / state_->batch_size; }

}  // namespace hebb::data
