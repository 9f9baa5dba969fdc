import type {Names} from './index';

// Members whose code is no name: units stand beside the value.
export const en: Omit<Names, 'actions'> & {actions: Partial<Names['actions']>} = {
  actions: {
    login_success: 'Sign-in', login_failed: 'Failed sign-in', logout: 'Sign-out',
    logout_all: 'Signed out everywhere', token_refresh: 'Session kept going',
    refresh_reuse_detected: 'Spent token shown', access_denied: 'Right missing',
    second_factor_failed: 'Wrong code', share_created: 'Link made', share_changed: 'Link changed',
    share_ended: 'Link ended', share_opened: 'Link opened', totp_enabled: 'Second factor on',
    totp_disabled: 'Second factor off', trash: 'Moved to the trash',
    blob_damaged: 'Content damaged', purge: 'Removed from the trash',
    integrity_scrub: 'Contents checked'
  },
  details: {
    file_size: 'Size', total_size: 'Size in all', file_count: 'Files', mime_type: 'Type',
    duration_ms: 'Duration', download_time_ms: 'Download time', transfer_rate_mbps: 'Rate',
    bytes_sent: 'Sent', bytes: 'Size', sha256: 'SHA-256', sha1: 'SHA-1', session_id: 'Session',
    key_id: 'Key', ok: 'In order', free_bytes: 'Free', min_free_bytes: 'Least free',
    max_bytes: 'Largest size', quota_bytes: 'Quota', email: 'E-mail', expires_at: 'Ends',
    unlocked_at: 'Unlocked'
  },
  values: {
    password: 'wrong password', secret: 'wrong address', throttled: 'too many tries',
    creator: 'account disabled', rights: 'right taken'
  }
};
