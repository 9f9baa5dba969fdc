#include "runtime/tls_context.hpp"

#include "fields/head_check.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string_view>

namespace baluhost::http {
namespace {

constexpr const char* kSuites12 =
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-"
    "RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kSuites13 =
    "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";
constexpr std::string_view kProtocol = "\x08http/1.1";

/// About the setting `key`.
Error refused(const char* key, const std::string& why) {
  return Error{.code = Errc::invalid_request,
               .detail = std::string{key} + ": " + why,
               .fields = {{key, why}}};
}

Error broken(const char* key, const std::string& what, const std::string& file) {
  const auto code = ERR_peek_last_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return refused(key, what + " " + file + (reason != nullptr ? std::string{": "} + reason : ""));
}

Error mismatch(const std::string& cert_file, const std::string& key_file) {
  ERR_clear_error();
  return refused("tls.key_file", key_file + " is not the key of the certificate " + cert_file);
}

Result<void> check_readable(const char* key, const std::string& file) {
  std::error_code error; // a FIFO would be waited for
  if (std::filesystem::exists(file, error) && !std::filesystem::is_regular_file(file, error))
    return refused(key, file + " is not a regular file: give one in PEM");
  if (std::FILE* handle = std::fopen(file.c_str(), "rb")) {
    std::fclose(handle);
    return {};
  }
  return refused(key, "cannot read " + file + ": " + std::strerror(errno));
}

int select_protocol(SSL*, const unsigned char** out, unsigned char* length,
                    const unsigned char* offered, unsigned int offered_length, void*) {
  unsigned char* chosen = nullptr;
  const auto* ours = reinterpret_cast<const unsigned char*>(kProtocol.data());
  if (SSL_select_next_proto(&chosen, length, ours, kProtocol.size(), offered, offered_length) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

/// A name that the certificate is for and that is no pattern.
std::optional<std::string> first_name(X509* certificate) {
  const auto free_names = [](GENERAL_NAMES* names) { GENERAL_NAMES_free(names); };
  const std::unique_ptr<GENERAL_NAMES, decltype(free_names)> names{
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      free_names};
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    const ASN1_IA5STRING* text = name->d.dNSName;
    std::string found{reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                      static_cast<std::size_t>(ASN1_STRING_length(text))};
    if (is_valid_host(found)) return found;
  }
  return std::nullopt;
}

/// There is no terminal at which the passphrase of an encrypted key could be typed.
int no_passphrase(char*, int, int, void*) { return 0; }

} // namespace

Result<TlsContext> make_tls_context(const std::string& cert_file, const std::string& key_file) {
  BALUHOST_CHECK(check_readable("tls.cert_file", cert_file));
  BALUHOST_CHECK(check_readable("tls.key_file", key_file));
  ERR_clear_error();
  TlsContext context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  if (!context) return Error{.code = Errc::internal, .detail = "OpenSSL returned no context"};
  SSL_CTX* tls = context.get();
  SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
  SSL_CTX_set_options(tls, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
                               SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                            SSL_MODE_RELEASE_BUFFERS);
  if (SSL_CTX_set_cipher_list(tls, kSuites12) != 1 ||
      SSL_CTX_set_ciphersuites(tls, kSuites13) != 1 ||
      SSL_CTX_set1_groups_list(tls, "X25519:P-256:P-384") != 1)
    return Error{.code = Errc::internal, .detail = "OpenSSL lacks the cipher suites"};
  SSL_CTX_set_session_id_context(tls, reinterpret_cast<const unsigned char*>("baluhost"), 8);
  SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_SERVER);
  SSL_CTX_sess_set_cache_size(tls, 4096);
  SSL_CTX_set_alpn_select_cb(tls, select_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(tls, no_passphrase);

  if (SSL_CTX_use_certificate_chain_file(tls, cert_file.c_str()) != 1)
    return broken("tls.cert_file", "no usable PEM certificate in", cert_file);
  if (SSL_CTX_use_PrivateKey_file(tls, key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    if (ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH)
      return mismatch(cert_file, key_file);
    return broken("tls.key_file", "no usable unencrypted PEM key in", key_file);
  }
  if (SSL_CTX_check_private_key(tls) != 1) return mismatch(cert_file, key_file);
  return context;
}

std::optional<std::string> named_host(const TlsContext& context, const std::string& host) {
  X509* certificate = context ? SSL_CTX_get0_certificate(context.get()) : nullptr;
  if (certificate == nullptr) return std::nullopt;
  const auto bare = host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
  if (X509_check_host(certificate, bare.data(), bare.size(), 0, nullptr) == 1) return host;
  if (X509_check_ip_asc(certificate, bare.c_str(), 0) == 1) return host;
  return first_name(certificate);
}

} // namespace baluhost::http
