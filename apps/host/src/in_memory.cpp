// What a program that keeps everything on disk does not carry: only `Host::in_memory` names the
// memory adapters.

#include "backend.hpp"
#include "host_impl.hpp"

#include "baluhost/crypto/aes_seed_cipher.hpp"
#include "baluhost/crypto/ed25519_signer.hpp"
#include "baluhost/crypto/jwt_codec.hpp"
#include "baluhost/memory/memory_anchor_log.hpp"
#include "baluhost/memory/memory_blob_store.hpp"
#include "baluhost/memory/memory_database.hpp"

namespace baluhost {

Result<std::unique_ptr<Backend>> open_memory_backend(const HostOptions& options,
                                                     const DatabaseHooks& hooks) {
  BALUHOST_TRY(auto backend, begin_backend(options));
  backend->database =
      with_record_floor(make_memory_database({.on_listener_failure = hooks.on_listener_failure}),
                        {}, *backend->clock);
  BALUHOST_TRY(backend->keys, KeyDirectory::in_memory(*backend->random, *backend->clock));
  backend->tokens = make_jwt_codec(*backend->keys);
  backend->seeds = make_aes_seed_cipher(*backend->keys, *backend->random);
  backend->signer = make_ed25519_signer(*backend->keys);
  backend->anchors = make_memory_anchor_log();
  backend->blobs = make_memory_blob_store({.sha1 = options.files.sha1}, *backend->digester,
                                          *backend->random, *backend->clock);
  return backend;
}

Result<std::unique_ptr<Host>> Host::in_memory(HostOptions options, HostHooks hooks) {
  hooks = complete(std::move(hooks));
  auto impl = std::make_unique<Impl>();
  impl->report = hooks.on_message;
  impl->is_in_memory = true;
  BALUHOST_TRY(impl->backend, open_memory_backend(options, hooks.database));
  BALUHOST_CHECK(fill(*impl, std::move(options)));
  return std::unique_ptr<Host>{new Host{std::move(impl)}};
}

} // namespace baluhost
