import type {Names} from './index';

// Members whose code is no name: units stand beside the value.
export const en: Pick<Names, 'details'> = {
  details: {
    file_size: 'Size', total_size: 'Size in all', file_count: 'Files', mime_type: 'Type',
    duration_ms: 'Duration', download_time_ms: 'Download time', transfer_rate_mbps: 'Rate',
    bytes_sent: 'Sent', bytes: 'Size', sha256: 'SHA-256', sha1: 'SHA-1', session_id: 'Session',
    key_id: 'Key', ok: 'In order', free_bytes: 'Free', min_free_bytes: 'Least free',
    max_bytes: 'Largest size', quota_bytes: 'Quota', email: 'E-mail', expires_at: 'Ends',
    unlocked_at: 'Unlocked'
  }
};
