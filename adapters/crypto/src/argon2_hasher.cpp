#include "baluhost/crypto/argon2_hasher.hpp"

#include "baluhost/domain/digest.hpp"

#include <argon2.h>
#include <sys/mman.h>
#include <algorithm>
#include <array>
#include <charconv>
#include <mutex>
#include <new>
#include <optional>
#include <vector>

// Mapping and faulting in the memory costs a third of a hash, so it is kept between hashes.
// libargon2 asks for it by callbacks that carry no context; they run on the calling thread, which
// leaves the pool to use in a thread-local pointer. libargon2 wipes the memory before it hands it
// back, which is its default. The lanes run one after the other: the number of hashing threads is
// what bounds the cores.
namespace baluhost {
namespace {

constexpr std::uint32_t kMinMemoryKib = 7 * 1024;
constexpr std::uint32_t kMaxMemoryKib = 1024 * 1024;
constexpr std::uint32_t kMaxIterations = 64;
constexpr std::uint32_t kMaxParallelism = 16;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kTagBytes = 32;
constexpr std::size_t kMaxTagBytes = 64;

class MemoryPool {
 public:
  MemoryPool() = default;
  MemoryPool(const MemoryPool&) = delete;
  MemoryPool& operator=(const MemoryPool&) = delete;
  ~MemoryPool() {
    for (const auto& block : idle_) ::munmap(block.address, block.size);
  }

  std::uint8_t* take(std::size_t size) noexcept {
    {
      const std::lock_guard lock(mutex_);
      const auto fits = std::find_if(idle_.begin(), idle_.end(),
                                     [&](const Block& block) { return block.size == size; });
      if (fits != idle_.end()) {
        auto* address = fits->address;
        *fits = idle_.back();
        idle_.pop_back();
        return address;
      }
    }
    void* address =
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address == MAP_FAILED) return nullptr;
    (void)::madvise(address, size, MADV_HUGEPAGE);
    (void)::madvise(address, size, MADV_DONTDUMP);
    return static_cast<std::uint8_t*>(address);
  }

  /// Keeps the block if it is of the usual size.
  void give_back(std::uint8_t* address, std::size_t size, std::size_t usual_size) noexcept {
    if (size == usual_size) {
      const std::lock_guard lock(mutex_);
      try {
        idle_.push_back({address, size});
        return;
      } catch (const std::bad_alloc&) {
      }
    }
    ::munmap(address, size);
  }

 private:
  struct Block {
    std::uint8_t* address;
    std::size_t size;
  };
  std::mutex mutex_;
  std::vector<Block> idle_;
};

struct PoolInUse {
  MemoryPool* pool;
  std::size_t usual_size;
};
thread_local PoolInUse pool_in_use{};

int take_memory(std::uint8_t** memory, std::size_t size) {
  *memory = pool_in_use.pool->take(size);
  return *memory ? ARGON2_OK : ARGON2_MEMORY_ALLOCATION_ERROR;
}

void give_memory_back(std::uint8_t* memory, std::size_t size) {
  pool_in_use.pool->give_back(memory, size, pool_in_use.usual_size);
}

struct Phc {
  Argon2Options parameters;
  std::string salt;
  std::string tag;
};

std::string without_padding(std::string text) {
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

Result<std::string> from_unpadded_base64(std::string_view text) {
  if (text.find('=') != std::string_view::npos) return invalid("is padded");
  std::string padded(text);
  while (padded.size() % 4 != 0) padded += '=';
  return from_base64(padded);
}

std::string to_phc(const Argon2Options& parameters, std::string_view salt, std::string_view tag) {
  return "$argon2id$v=19$m=" + std::to_string(parameters.memory_kib) +
         ",t=" + std::to_string(parameters.iterations) +
         ",p=" + std::to_string(parameters.parallelism) + '$' + without_padding(to_base64(salt)) +
         '$' + without_padding(to_base64(tag));
}

/// Takes `prefix`, a canonical decimal and `end` off the front of `text`.
bool take_number(std::string_view& text, std::string_view prefix, char end, std::uint32_t& value) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  if (text.starts_with('0')) return false;
  const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()));
  if (!text.starts_with(end)) return false;
  text.remove_prefix(1);
  return true;
}

bool is_bearable(const Argon2Options& parameters) {
  return parameters.iterations >= 1 && parameters.iterations <= kMaxIterations &&
         parameters.parallelism >= 1 && parameters.parallelism <= kMaxParallelism &&
         parameters.memory_kib >= 8 * parameters.parallelism &&
         parameters.memory_kib <= kMaxMemoryKib;
}

std::optional<Phc> parse_phc(std::string_view text) {
  constexpr std::string_view kStart = "$argon2id$v=19$";
  if (text.size() > 512 || !text.starts_with(kStart)) return std::nullopt;
  text.remove_prefix(kStart.size());
  Phc phc;
  auto& [memory, iterations, parallelism] = phc.parameters;
  if (!take_number(text, "m=", ',', memory) || !take_number(text, "t=", ',', iterations) ||
      !take_number(text, "p=", '$', parallelism) || !is_bearable(phc.parameters)) {
    return std::nullopt;
  }
  const auto dollar = text.find('$');
  if (dollar == std::string_view::npos) return std::nullopt;
  auto salt = from_unpadded_base64(text.substr(0, dollar));
  auto tag = from_unpadded_base64(text.substr(dollar + 1));
  if (!salt || !tag || salt->size() < 8 || tag->size() < 16 || tag->size() > kMaxTagBytes)
    return std::nullopt;
  phc.salt = *std::move(salt);
  phc.tag = *std::move(tag);
  return phc;
}

class Argon2Hasher final : public PasswordHasher {
 public:
  Argon2Hasher(const Argon2Options& options, RandomSource& random)
      : options_(options), random_(random) {}

  Result<PasswordHash> hash(const Secret& password) override {
    BALUHOST_TRY(const auto salt, random_.bytes(kSaltBytes));
    BALUHOST_TRY(const auto tag, compute(options_, password, salt, kTagBytes));
    return PasswordHash{Secret(to_phc(options_, salt, tag))};
  }

  Result<bool> verify(const Secret& password, const PasswordHash& hash) override {
    const auto phc = parse_phc(hash.phc.reveal());
    if (!phc) return Error{Errc::internal, "a stored password hash cannot be read"};
    BALUHOST_TRY(const auto tag, compute(phc->parameters, password, phc->salt, phc->tag.size()));
    return equal_in_constant_time(tag, phc->tag);
  }

  bool needs_rehash(const PasswordHash& hash) const override {
    const auto phc = parse_phc(hash.phc.reveal());
    return !phc || phc->parameters.memory_kib != options_.memory_kib ||
           phc->parameters.iterations != options_.iterations ||
           phc->parameters.parallelism != options_.parallelism || phc->salt.size() != kSaltBytes ||
           phc->tag.size() != kTagBytes;
  }

 private:
  Result<std::string> compute(const Argon2Options& parameters, const Secret& password,
                              std::string_view salt, std::size_t tag_bytes) {
    std::array<std::uint8_t, kMaxTagBytes> tag{};
    const auto mutable_bytes = [](std::string_view text) { // libargon2 writes to its inputs only
                                                           // where flags ask it to wipe them
      return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
    };
    argon2_context context{};
    context.out = tag.data();
    context.outlen = static_cast<std::uint32_t>(tag_bytes);
    context.pwd = mutable_bytes(password.reveal());
    context.pwdlen = static_cast<std::uint32_t>(password.reveal().size());
    context.salt = mutable_bytes(salt);
    context.saltlen = static_cast<std::uint32_t>(salt.size());
    context.t_cost = parameters.iterations;
    context.m_cost = parameters.memory_kib;
    context.lanes = parameters.parallelism;
    context.threads = 1;
    context.version = ARGON2_VERSION_13;
    context.allocate_cbk = take_memory;
    context.free_cbk = give_memory_back;
    context.flags = ARGON2_DEFAULT_FLAGS;
    pool_in_use = {&pool_, block_bytes(options_)};
    const int status = argon2_ctx(&context, Argon2_id);
    pool_in_use = {};
    if (status != ARGON2_OK) {
      return Error{Errc::unavailable, std::string("argon2: ") + argon2_error_message(status)};
    }
    return std::string(reinterpret_cast<const char*>(tag.data()), tag_bytes);
  }

  /// RFC 9106 section 3.2: the memory is cut to a multiple of four blocks for each lane.
  static std::size_t block_bytes(const Argon2Options& parameters) {
    const std::size_t unit = std::size_t{4} * parameters.parallelism;
    return parameters.memory_kib / unit * unit * 1024;
  }

  const Argon2Options options_;
  RandomSource& random_;
  MemoryPool pool_;
};

} // namespace

Result<std::unique_ptr<PasswordHasher>> make_argon2_hasher(const Argon2Options& options,
                                                           RandomSource& random) {
  if (!is_bearable(options) || options.memory_kib < kMinMemoryKib) {
    return invalid("needs 7168 to 1048576 KiB of memory, 1 to 64 iterations and 1 to 16 lanes");
  }
  return std::unique_ptr<PasswordHasher>(std::make_unique<Argon2Hasher>(options, random));
}

} // namespace baluhost
