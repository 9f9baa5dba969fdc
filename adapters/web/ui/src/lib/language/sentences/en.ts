import type {Language} from './index';

export const en: Language = {
  // `{…}`: what the event is about. The second text is of one that failed; a reason follows it.
  actions: {
    login_success: ['Signed in with {factors}', 'Failed to sign in as {name}'],
    login_failed: ['Failed to sign in as {name}', 'Failed to sign in as {name}'],
    logout: ['Signed out', 'Failed to sign out'],
    logout_all: ['Ended all sessions of {name}', 'Failed to end all sessions of {name}'],
    session_revoked: ['Ended a session', 'Failed to end a session'],
    token_refresh: ['Kept a session going', 'Failed to keep a session going'],
    refresh_reuse_detected: [
      'Showed a spent token again: the session was ended',
      'Showed a spent token again'
    ],
    invalid_token: [
      'Came with a token that does not count',
      'Came with a token that does not count'
    ],
    access_denied: [
      'Had no right at {resource}: {operation} needs {permission}',
      'Had no right at {resource}: {operation} needs {permission}'
    ],
    password_changed: ['Changed the password of {name}', 'Failed to change the password of {name}'],
    password_change_failed: [
      'Failed to change the password of {name}',
      'Failed to change the password of {name}'
    ],
    role_changed: [
      'Changed the role of {name} from {old_role} to {new_role}',
      'Failed to change the role of {name}'
    ],
    permission_granted: [
      'Gave {grantee} rights at {resource}: {rights}',
      'Failed to give {grantee} rights at {resource}: {rights}'
    ],
    permission_revoked: [
      'Took rights at {resource} from {grantee}: {rights}',
      'Failed to take rights at {resource} from {grantee}: {rights}'
    ],
    key_created: ['Made the key {key_name}', 'Failed to make the key {key_name}'],
    key_revoked: ['Ended the key {key_name}', 'Failed to end the key {key_name}'],
    share_created: ['Made a link to {resource}', 'Failed to make a link to {resource}'],
    share_changed: [
      'Changed a link to {resource}: {changes}',
      'Failed to change a link to {resource}'
    ],
    share_ended: ['Ended a link to {resource}', 'Failed to end a link to {resource}'],
    share_opened: ['Opened a link to {resource}', 'Failed to open a link ({link})'],
    totp_enabled: [
      'Switched on the second factor of {name}',
      'Failed to switch on the second factor of {name}'
    ],
    totp_disabled: [
      'Switched off the second factor of {name}',
      'Failed to switch off the second factor of {name}'
    ],
    recovery_code_used: ['Used a recovery code', 'Failed to use a recovery code'],
    second_factor_failed: ['Gave a wrong code', 'Gave a wrong code'],
    audit_exported: ['Exported {events} events of the record', 'Failed to export the record'],
    audit_verified: [
      'Verified the record: {events} events',
      'Failed to verify the record'
    ],
    user_created: ['Made the account {name}', 'Failed to make the account {name}'],
    user_updated: ['Changed the account {name}: {changes}', 'Failed to change the account {name}'],
    user_deleted: ['Deleted the account {name}', 'Failed to delete the account {name}'],
    user_enabled: ['Enabled the account {name}', 'Failed to enable the account {name}'],
    user_disabled: ['Disabled the account {name}', 'Failed to disable the account {name}'],
    upload: ['Uploaded {resource} ({size})', 'Failed to upload {resource} ({size})'],
    download: ['Downloaded {resource} ({size})', 'Failed to download {resource} ({size})'],
    delete: ['Deleted {resource} for good ({size})', 'Failed to delete {resource}'],
    trash: ['Moved {resource} to the trash ({size})', 'Failed to move {resource} to the trash'],
    restore: ['Restored {resource} from the trash', 'Failed to restore {resource} from the trash'],
    purge: ['Removed {resource} from the trash for good', 'Failed to remove {resource} for good'],
    version_restored: [
      'Restored an older version of {resource}',
      'Failed to restore an older version of {resource}'
    ],
    version_removed: [
      'Removed an older version of {resource}',
      'Failed to remove an older version of {resource}'
    ],
    move: ['Moved {source} to {destination}', 'Failed to move {source} to {destination}'],
    rename: ['Renamed {source} to {destination}', 'Failed to rename {source} to {destination}'],
    copy: ['Copied {source} to {destination}', 'Failed to copy {source} to {destination}'],
    create_directory: ['Made the folder {resource}', 'Failed to make the folder {resource}'],
    server_started: ['The server started, version {version}', 'The server failed to start'],
    server_stopped: ['The server stopped', 'The server failed to stop'],
    schema_migrated: [
      'The database went from version {from_version} to {to_version}',
      'The database failed to change its version'
    ],
    recovery_completed: [
      'The server recovered after it had stopped without warning',
      'The server looked for what was left, and found problems ({findings_count})'
    ],
    backup_restored: [
      'Restored a backup of {made_at}: {blobs} contents ({bytes})',
      'Failed to restore a backup'
    ],
    backup_created: ['Made a backup of {blobs} contents ({bytes})', 'Failed to make a backup'],
    database_migrated: [
      'Moved the data to another database: {rows} rows',
      'Failed to move the data to another database'
    ],
    audit_pruned: [
      'Removed {events} old events, of before {before}',
      'Failed to remove old events'
    ],
    keys_rotated: ['Rotated the server’s keys', 'Failed to rotate the server’s keys'],
    event_refused: [
      'The database did not take an event: {refused_action}',
      'The database did not take an event: {refused_action}'
    ],
    disk_space_low: ['The disk is nearly full: {free} free', 'The disk is nearly full'],
    disk_space_recovered: ['The disk has space again: {free} free', 'The disk has space again'],
    integrity_scrub: [
      'Checked {blobs} contents: {damaged} damaged, {missing} missing ({stopped})',
      'Failed to check the contents'
    ],
    blob_damaged: ['A content is damaged ({paths})', 'A content is damaged ({paths})']
  },
  unknown: ['Did “{action}”', 'Failed at “{action}”'],
  rights: {
    read: 'read', write: 'write', delete: 'delete', share: 'share', create: 'add files',
    administer: 'an administrator’s right', admin: 'an administrator’s right',
    audit: 'an auditor’s right', session: 'a sign-in', authenticated: 'a sign-in'
  },
  factors: {password: 'password', totp: 'code', recovery_code: 'recovery code'},
  roles: {admin: 'administrator', auditor: 'auditor', user: 'user'},
  fields: {
    username: 'name', email: 'e-mail', role: 'role', enabled: 'enabled', quota_bytes: 'quota',
    second_factor: 'second factor', recovery_codes: 'recovery codes', unlocked_at: 'unlocked',
    rights: 'rights', secret: 'address', has_password: 'password', expires_at: 'end',
    max_uses: 'most uses', max_bytes: 'most bytes', note: 'note'
  },
  values: {true: 'yes', false: 'no', null: 'none', pending: 'being set up'},
  operations: {
    list_trash: 'listing the trash', list_versions: 'listing versions',
    search: 'searching', read_event_proof: 'reading a proof',
    read_audit_status: 'reading the state of the record',
    read_metadata: 'looking', list_directory: 'opening a folder', list_uploads: 'listing uploads',
    list_grants: 'listing rights', list_shares: 'listing links', read_share: 'reading a link',
    list_users: 'listing people', get_user: 'reading an account',
    list_sessions: 'listing sessions', list_keys: 'listing keys',
    read_account: 'reading the account', read_usage: 'reading the usage',
    read_upload: 'reading an upload', list_events: 'reading the record',
    read_event: 'reading an event', read_statistics: 'reading statistics',
    list_seals: 'listing seals', follow_audit: 'following the record',
    follow_events: 'following events', upload: 'uploading', download: 'downloading',
    delete: 'deleting', trash: 'deleting', restore: 'restoring', purge: 'deleting for good',
    move: 'moving', rename: 'renaming', copy: 'copying', create_directory: 'making a folder',
    user_created: 'making an account', user_updated: 'changing an account',
    user_deleted: 'deleting an account', user_enabled: 'enabling an account',
    user_disabled: 'disabling an account', role_changed: 'changing a role',
    password_changed: 'changing a password', session_revoked: 'ending a session',
    logout: 'signing out', logout_all: 'ending sessions', permission_granted: 'giving rights',
    permission_revoked: 'taking rights', key_created: 'making a key', key_revoked: 'ending a key',
    share_created: 'making a link', share_changed: 'changing a link', share_ended: 'ending a link',
    totp_enabled: 'setting up a second factor', totp_disabled: 'switching a second factor off',
    audit_exported: 'exporting the record', audit_verified: 'verifying the record',
    audit_pruned: 'removing old events', version_restored: 'restoring a version',
    version_removed: 'removing a version'
  },
  reasons: {
    invalid_request: 'it broke a rule',
    to_owner: 'the owner has all rights', to_oneself: 'nobody can give rights to themselves',
    'share_created quota_exceeded': 'there were as many links as an account may have',
    digest_mismatch: 'the bytes were not what was promised',
    unauthenticated: 'not signed in', invalid_credentials: 'password or code was wrong',
    second_factor_required: 'the code was missing', token_expired: 'it came too late',
    token_revoked: 'it had been ended', forbidden: 'not allowed',
    second_factor_setup_required: 'no second factor was set up', not_found: 'it was not there',
    already_exists: 'the name was taken', conflict: 'it did not fit what was there',
    gone: 'it had ended', precondition_failed: 'somebody had changed it',
    payload_too_large: 'it was too large', quota_exceeded: 'there was not enough space',
    rate_limited: 'too many tries', internal: 'a fault in the server',
    unavailable: 'the server was busy', insufficient_storage: 'the disk was full',
    client_disconnected: 'the connection broke', interrupted: 'the server stopped',
    range_not_satisfiable: 'the part asked for is not there'
  },
  nobody: 'somebody', all: 'everybody', noChange: 'nothing', list: ', ', last: ' and ',
  change: '{field} {from} → {to}', changed: '{field} changed', because: '{what}: {reason}',
  viaLink: '{what}, by a share link', viaKey: '{what}, by a key',
  asked: 'Was asked for the password of a link ({link})',
  foundProblems: 'Verified the record and found problems: {events} events',
  stopped: 'stopped early'
};
