// RemoteMonitor beside what real Keras posts (tests/goldens/make_training_callbacks.py), to a server of our own.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "hebb/base/console.h"
#include "hebb/base/error.h"
#include "hebb/base/text.h"
#include "hebb/io/http.h"
#include "hebb/nn/callbacks/callbacks.h"
#include "hebb/nn/layers.h"
#include "hebb/nn/model.h"
#include "hebb/nn/optimizers/optimizers.h"
#include "tests/goldens.h"

namespace hebb {
namespace {

struct Request {
  std::string head, body;

  std::string header(const std::string& name) const {
    const std::string lower = lower_case(head), wanted = "\r\n" + lower_case(name) + ": ";
    const size_t at = lower.find(wanted);
    if (at == std::string::npos) return "";
    const size_t begin = at + wanted.size();
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
  std::string path() const { return head.substr(5, head.find(' ', 5) - 5); }  // behind "POST "
};

/// Answers every POST with an empty 200 and keeps what came.
class Server {
 public:
  Server() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(socket_, 8) != 0 ||
        ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw IoError("the test's server cannot listen");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }

  std::string root() const { return message("http://127.0.0.1:", port_); }
  std::vector<Request> take() {
    const std::lock_guard lock(mutex_);
    return std::move(requests_);
  }

 private:
  void serve() {
    while (true) {
      const int client = ::accept(socket_, nullptr, nullptr);
      if (client < 0) return;
      Request request;
      std::string text;
      char buffer[4096];
      size_t end = std::string::npos;
      size_t length = 0;
      while (end == std::string::npos || text.size() < end + 4 + length) {
        const ssize_t got = ::read(client, buffer, sizeof buffer);
        if (got <= 0) break;
        text.append(buffer, static_cast<size_t>(got));
        if (end == std::string::npos && (end = text.find("\r\n\r\n")) != std::string::npos) {
          request.head = text.substr(0, end + 2);
          length = std::stoul(request.header("content-length"));
        }
      }
      if (end != std::string::npos) request.body = text.substr(end + 4);
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(std::move(request));
      }
      const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
      if (::write(client, answer.data(), answer.size()) < 0) return;
      ::close(client);
    }
  }

  int socket_;
  int port_ = 0;
  std::thread thread_;
  std::mutex mutex_;
  std::vector<Request> requests_;
};

/// A form's text without its percent signs.
std::string decoded(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

const Tensor x = Tensor::from(std::vector<float>{1, 2}, {2, 1}), y = Tensor::from(std::vector<float>{1, 3}, {2, 1});

void train(const Callback& callback) {
  Sequential model({Input({1}), Dense(1, {.use_bias = false, .kernel_initializer = "zeros"})});
  model.compile({.optimizer = SGD({.learning_rate = 0.1}), .loss = "mse"});
  FitOptions options{.batch_size = 1, .epochs = 2, .verbose = 0, .callbacks = {callback}, .shuffle = false};
  options.validation_data = data::Dataset(x, y);
  options.validation_batch_size = 1;
  model.fit(data::Dataset(x, y), options);
}

Callback made(Json arguments) {
  for (const CallbackRecord& record : callback_records()) {
    if (record.name == "remote_monitor") return record.from_config(arguments);
  }
  throw InternalError("no callback remote_monitor");
}

TEST(RemoteMonitorGolden, PostsWhatKerasPosts) {
  Server server;
  for (const Json& golden : goldens::cases("training_callbacks")) {
    if (golden.at("callback").as_string() != "RemoteMonitor") continue;
    SCOPED_TRACE(golden.at("name").as_string());
    Json arguments = golden.at("arguments");
    train(made(arguments.set("root", server.root())));
    const std::vector<Request> requests = server.take();
    ASSERT_EQ(requests.size(), golden.at("requests").size());
    for (size_t i = 0; i < requests.size(); ++i) {
      const Json& expected = golden.at("requests").at(i);
      EXPECT_EQ(requests[i].path(), expected.at("path").as_string());
      EXPECT_EQ(requests[i].header("content-type"), expected.at("type").as_string());
      EXPECT_EQ(requests[i].header("x-token"), expected.at("token").as_string());
      std::string text = requests[i].body;
      if (expected.contains("field")) {
        EXPECT_EQ(decoded(text.substr(0, text.find('='))), expected.at("field").as_string());
        text = decoded(text.substr(text.find('=') + 1));
      }
      const Json numbers = Json::parse(text);
      ASSERT_EQ(numbers.size(), expected.at("numbers").size()) << text;
      for (const auto& [name, value] : expected.at("numbers").members())
        EXPECT_NEAR(numbers.at(name).as_double(), value.as_double(), 1e-5) << name;
    }
  }
}

TEST(RemoteMonitor, GoesOnWithoutItsServer) {
  std::string root;
  {
    Server server;
    root = server.root();
  }
  std::string said;
  set_console([&](std::string_view text) { said += text; });
  train(RemoteMonitor({.root = root}));
  set_console({});
  EXPECT_NE(said.find(root), std::string::npos) << said;
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 2) << said;  // one for each epoch
}

/// As the library `requests`, which Keras posts with.
TEST(RemoteMonitor, QuotesItsPath) {
  Server server;
  train(RemoteMonitor({.root = server.root(), .path = "/p q/\"é\"/a%20b/~!?c={d}[]"}));
  const std::vector<Request> requests = server.take();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[0].path(), "/p%20q/%22%C3%A9%22/a%20b/~!?c=%7Bd%7D%5B%5D");
}

TEST(RemoteMonitor, RefusesWhatIsNoAddress) {
  EXPECT_THROW(RemoteMonitor({.root = "localhost:9000"}), InvalidArgument);
  EXPECT_THROW(made(Json::object({{"rot", "http://localhost"}})), InvalidArgument);
}

TEST(HttpPost, SendsAllBytesOfAForm) {
  EXPECT_EQ(form_field("the numbers", "{\"a\": 1} ~é"), "the%20numbers=%7B%22a%22%3A%201%7D%20~%C3%A9");
}

}  // namespace
}  // namespace hebb
