// The load and the reference of logins.sh: logins over HTTP, and the same hash by libargon2 alone.
// With 0 TIMINGS nothing but these two rates.
#include "baluhost/test/http_client.hpp"
#include "baluhost/test/json.hpp"

#include <argon2.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace baluhost::test;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}
Clock::time_point after(double seconds) {
  return Clock::now() +
         std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

double percentile(std::vector<double> samples, double share) {
  std::sort(samples.begin(), samples.end());
  return samples.at(std::min(
      samples.size() - 1, static_cast<std::size_t>(share * static_cast<double>(samples.size()))));
}

Response login(HttpClient& client, const std::string& user, const std::string& password) {
  return client.request("POST", "/api/v1/auth/login", {{"Content-Type", "application/json"}},
                        "{\"username\":\"" + user + "\",\"password\":\"" + password + "\"}");
}

// --- the reference: libargon2 on each core, its memory kept ---

thread_local std::uint8_t* kept = nullptr;

int take(std::uint8_t** memory, std::size_t size) {
  if (kept == nullptr) {
    void* address =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address == MAP_FAILED) return ARGON2_MEMORY_ALLOCATION_ERROR;
    (void)::madvise(address, size, MADV_HUGEPAGE);
    kept = static_cast<std::uint8_t*>(address);
  }
  *memory = kept;
  return ARGON2_OK;
}
void give_back(std::uint8_t*, std::size_t) {}

void hash_once(std::uint32_t memory_kib, std::uint32_t iterations) {
  std::array<std::uint8_t, 32> tag{};
  std::array<std::uint8_t, 16> salt{1, 2, 3};
  std::array<std::uint8_t, 20> password{4, 5, 6};
  argon2_context context{};
  context.out = tag.data();
  context.outlen = tag.size();
  context.pwd = password.data();
  context.pwdlen = password.size();
  context.salt = salt.data();
  context.saltlen = salt.size();
  context.t_cost = iterations;
  context.m_cost = memory_kib;
  context.lanes = 1;
  context.threads = 1;
  context.version = ARGON2_VERSION_13;
  context.allocate_cbk = take;
  context.free_cbk = give_back;
  context.flags = ARGON2_DEFAULT_FLAGS;
  if (argon2_ctx(&context, Argon2_id) != ARGON2_OK) throw std::runtime_error{"argon2 failed"};
}

/// Hashes a second, of as many threads as cores.
double raw_rate(double seconds, std::uint32_t memory_kib, std::uint32_t iterations) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  std::atomic<int> hashes{0};
  const auto start = Clock::now();
  const auto end = after(seconds);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < cores; ++i) {
    threads.emplace_back([&] {
      for (hash_once(memory_kib, iterations); Clock::now() < end; ++hashes)
        hash_once(memory_kib, iterations);
    });
  }
  for (auto& thread : threads) thread.join();
  return hashes / seconds_since(start);
}

// --- the load ---

/// Logs in over and over on each of `count` connections, until it goes; then the answers under way
/// are waited for.
class Flood {
 public:
  Flood(const std::string& url, int count, const std::vector<std::string>& users,
        const std::string& password) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([&, url, i] {
        HttpClient client{url, std::chrono::minutes{2}};
        while (!stop_) {
          if (login(client, users[static_cast<std::size_t>(i) % users.size()], password).status ==
              200)
            ++granted_;
          else
            ++refused_;
        }
      });
    }
  }
  ~Flood() { end(); }
  Flood(const Flood&) = delete;
  Flood& operator=(const Flood&) = delete;
  void end() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }
  [[nodiscard]] int granted() const { return granted_; }
  [[nodiscard]] int refused() const { return refused_; }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<int> granted_{0};
  std::atomic<int> refused_{0};
  std::vector<std::thread> threads_;
};

/// Seconds of each of the GETs of one connection, 200 a second.
std::vector<double> get_times(const std::string& url, const std::string& token,
                              const std::string& target, double seconds) {
  HttpClient client{url};
  std::vector<double> times;
  const auto end = after(seconds);
  for (auto due = Clock::now(); due < end; due += std::chrono::milliseconds{5}) {
    std::this_thread::sleep_until(due);
    const auto start = Clock::now();
    const Response response = client.request("GET", target, {{"Authorization", "Bearer " + token}});
    if (response.status != 200)
      throw std::runtime_error{"a GET was answered with " + std::to_string(response.status)};
    times.push_back(seconds_since(start));
  }
  return times;
}

long resident_kib(const std::string& pid) {
  std::ifstream status{"/proc/" + pid + "/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stol(line.substr(6));
  throw std::runtime_error{"the server is gone"};
}

double mean(const std::vector<double>& samples) {
  double sum = 0;
  for (const double sample : samples) sum += sample;
  return sum / static_cast<double>(samples.size());
}
double variance(const std::vector<double>& samples) {
  const double middle = mean(samples);
  double sum = 0;
  for (const double sample : samples) sum += (sample - middle) * (sample - middle);
  return sum / static_cast<double>(samples.size() - 1);
}
/// Welch's t.
double welch(const std::vector<double>& a, const std::vector<double>& b) {
  return (mean(a) - mean(b)) / std::sqrt(variance(a) / static_cast<double>(a.size()) +
                                         variance(b) / static_cast<double>(b.size()));
}

struct Verdict {
  bool good{true};
  void check(bool holds, const std::string& what) {
    fmt::print("  {}: {}\n", holds ? "holds" : "DOES NOT HOLD", what);
    good = good && holds;
  }
};

/// Failed logins of each kind, in random order on one connection. Counts them in `failed`.
void timings(const std::string& url, int rounds, const std::string& known,
             const std::string& disabled, const std::string& password, int& failed,
             Verdict& verdict) {
  const std::vector<std::pair<std::string, std::string>> kinds{{"wrong password", known},
                                                               {"unknown user", "nobody-here"},
                                                               {"impossible name", "Not A Name!"},
                                                               {"disabled user", disabled}};
  std::map<std::string, std::vector<double>> times;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < kinds.size(); ++i)
    order.insert(order.end(), static_cast<std::size_t>(rounds), i);
  std::mt19937 random{20261124};
  std::shuffle(order.begin(), order.end(), random);
  HttpClient client{url};
  std::string body;
  const auto once = [&](std::size_t kind) {
    const auto& [name, user] = kinds[kind];
    const auto start = Clock::now();
    const Response response = login(client, user, kind == 3 ? password : "a wrong password");
    const double time = seconds_since(start);
    ++failed;
    const std::string same = response.body.substr(0, response.body.find("\"request_id\""));
    if (body.empty()) body = same;
    if (response.status != 401 || same != body)
      throw std::runtime_error{"a failed login looks different: " + name};
    return time;
  };
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) once(kind);
  for (const std::size_t kind : order) times[kinds[kind].first].push_back(once(kind));
  fmt::print("failed logins, {} of each kind in random order, same status and body:\n", rounds);
  for (const auto& [name, samples] : times)
    fmt::print("  {:16} mean {:7.3f} ms, standard deviation {:.3f} ms\n", name,
               1000 * mean(samples), 1000 * std::sqrt(variance(samples)));
  for (std::size_t kind = 1; kind < kinds.size(); ++kind) {
    const double t = welch(times["wrong password"], times[kinds[kind].first]);
    verdict.check(std::abs(t) < 4.5,
                  fmt::format("Welch's t of wrong password and {} is {:.2f}, below 4.5",
                              kinds[kind].first, t));
  }
}

} // namespace

int main(int count, char** arguments) {
  if (count != 10) {
    fmt::print(stderr, "usage: {} URL PID TOKEN TARGET USER,… PASSWORD DISABLED SECONDS TIMINGS\n",
               arguments[0]);
    return 2;
  }
  const std::string url = arguments[1], pid = arguments[2], token = arguments[3],
                    target = arguments[4], password = arguments[6], disabled = arguments[7];
  const double seconds = std::stod(arguments[8]);
  const int rounds = std::stoi(arguments[9]);
  constexpr std::uint32_t kMemory = 19456, kIterations = 2; // the server's defaults
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::string> users;
  for (std::string rest = arguments[5]; !rest.empty();) {
    const auto comma = std::min(rest.find(','), rest.size());
    users.push_back(rest.substr(0, comma));
    rest.erase(0, comma + 1);
  }
  try {
    Verdict verdict;
    int granted = 0;
    int failed = 0;
    if (rounds > 0) timings(url, rounds, users.front(), disabled, password, failed, verdict);

    const double before = raw_rate(seconds, kMemory, kIterations);
    double rate = 0;
    {
      const auto start = Clock::now();
      Flood flood{url, static_cast<int>(cores) * 4, users, password};
      std::this_thread::sleep_until(after(seconds));
      flood.end();
      rate = flood.granted() / seconds_since(start);
      granted += flood.granted();
      verdict.check(flood.refused() == 0, "every login was granted");
    }
    const double again = raw_rate(seconds, kMemory, kIterations);
    const double raw = (before + again) / 2;
    fmt::print(
        "logins: {:.1f}/s over {} connections; argon2id ({} KiB, t={}) alone on {} cores: {:.1f}/s "
        "before, {:.1f}/s after\n",
        rate, cores * 4, kMemory, kIterations, cores, before, again);
    verdict.check(rate >= 0.9 * raw,
                  fmt::format("logins are {:.3f} of the raw rate, 0.9 at least", rate / raw));
    std::ofstream counts{"/dev/fd/3"};
    counts << "rate=" << rate << "\nraw=" << raw << "\n";
    if (rounds == 0) {
      counts << "granted=" << granted << "\n";
      return verdict.good ? 0 : 1;
    }

    std::vector<double> quiet = get_times(url, token, target, seconds);
    const long memory_before = resident_kib(pid);
    long memory = memory_before;
    std::vector<double> loud;
    {
      Flood flood{url, 200, users, password};
      std::atomic<bool> done{false};
      std::thread watcher{[&] {
        for (; !done; std::this_thread::sleep_for(std::chrono::milliseconds{20}))
          memory = std::max(memory, resident_kib(pid));
      }};
      std::this_thread::sleep_for(std::chrono::milliseconds{300});
      loud = get_times(url, token, target, 2 * seconds);
      flood.end();
      done = true;
      watcher.join();
      granted += flood.granted();
      verdict.check(flood.refused() == 0,
                    fmt::format("every login of the flood was granted: {}", flood.granted()));
    }
    const auto quiet_after = get_times(url, token, target, seconds);
    quiet.insert(quiet.end(), quiet_after.begin(), quiet_after.end());
    const auto show = [](const char* when, const std::vector<double>& times) {
      fmt::print(
          "  {:6} {} GETs: median {:.2f} ms, p90 {:.2f} ms, p99 {:.2f} ms, worst {:.2f} ms\n", when,
          times.size(), 1000 * percentile(times, 0.5), 1000 * percentile(times, 0.9),
          1000 * percentile(times, 0.99), 1000 * percentile(times, 1));
    };
    fmt::print(
        "authenticated GETs of 1 KiB, 200 a second, beside a flood of 200 concurrent logins:\n");
    show("quiet", quiet);
    show("flood", loud);
    const double p99 = percentile(loud, 0.99) / percentile(quiet, 0.99);
    verdict.check(
        p99 <= 2,
        fmt::format("the p99 of the GETs in the flood is {:.2f} of its quiet value, 2 at most",
                    p99));
    constexpr long kAllowance =
        16 * 1024; // 200 connections, their threads' caches and the sessions that were made
    const long slots = static_cast<long>(cores) * kMemory;
    verdict.check(memory - memory_before <= slots + kAllowance,
                  fmt::format("the server grew by {} KiB in the flood, from {} KiB; the slots' {} "
                              "KiB and {} KiB for the rest at most",
                              memory - memory_before, memory_before, slots, kAllowance));

    counts << "granted=" << granted << "\nfailed=" << failed
           << "\ngets=" << quiet.size() + loud.size() << "\n";
    return verdict.good ? 0 : 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
