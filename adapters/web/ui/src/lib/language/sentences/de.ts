import type {Language} from './index';

export const de: Language = {
  actions: {
    login_success: ['Angemeldet mit {factors}', 'Anmeldung als {name} misslungen'],
    login_failed: ['Anmeldung als {name} misslungen', 'Anmeldung als {name} misslungen'],
    logout: ['Abgemeldet', 'Abmelden misslungen'],
    logout_all: [
      'Alle Sitzungen von {name} beendet',
      'Beenden aller Sitzungen von {name} misslungen'
    ],
    session_revoked: ['Eine Sitzung beendet', 'Beenden einer Sitzung misslungen'],
    token_refresh: ['Eine Sitzung fortgesetzt', 'Fortsetzen einer Sitzung misslungen'],
    refresh_reuse_detected: [
      'Ein verbrauchtes Token noch einmal gezeigt: die Sitzung wurde beendet',
      'Ein verbrauchtes Token noch einmal gezeigt'
    ],
    invalid_token: ['Kam mit einem ungültigen Token', 'Kam mit einem ungültigen Token'],
    access_denied: [
      'Kein Recht auf {resource}: {operation} verlangt {permission}',
      'Kein Recht auf {resource}: {operation} verlangt {permission}'
    ],
    password_changed: [
      'Das Passwort von {name} geändert',
      'Ändern des Passworts von {name} misslungen'
    ],
    password_change_failed: [
      'Ändern des Passworts von {name} misslungen',
      'Ändern des Passworts von {name} misslungen'
    ],
    role_changed: [
      'Die Rolle von {name} von {old_role} zu {new_role} geändert',
      'Ändern der Rolle von {name} misslungen'
    ],
    permission_granted: [
      '{grantee} Rechte auf {resource} gegeben: {rights}',
      'Rechte auf {resource} an {grantee} zu geben misslang: {rights}'
    ],
    permission_revoked: [
      '{grantee} Rechte auf {resource} genommen: {rights}',
      '{grantee} Rechte auf {resource} zu nehmen misslang: {rights}'
    ],
    key_created: [
      'Den Schlüssel {key_name} erstellt',
      'Erstellen des Schlüssels {key_name} misslungen'
    ],
    key_revoked: [
      'Den Schlüssel {key_name} beendet',
      'Beenden des Schlüssels {key_name} misslungen'
    ],
    share_created: [
      'Einen Link auf {resource} erstellt',
      'Link auf {resource} zu erstellen misslang'
    ],
    share_changed: [
      'Einen Link auf {resource} geändert: {changes}',
      'Einen Link auf {resource} zu ändern misslang'
    ],
    share_ended: ['Einen Link auf {resource} beendet', 'Link auf {resource} zu beenden misslang'],
    share_opened: ['Einen Link auf {resource} geöffnet', 'Öffnen eines Links misslungen ({link})'],
    totp_enabled: [
      'Den zweiten Faktor von {name} eingeschaltet',
      'Einschalten des zweiten Faktors von {name} misslungen'
    ],
    totp_disabled: [
      'Den zweiten Faktor von {name} ausgeschaltet',
      'Ausschalten des zweiten Faktors von {name} misslungen'
    ],
    recovery_code_used: ['Einen Notfallcode benutzt', 'Benutzen eines Notfallcodes misslungen'],
    second_factor_failed: ['Einen falschen Code eingegeben', 'Einen falschen Code eingegeben'],
    audit_exported: [
      '{events} Ereignisse des Protokolls exportiert',
      'Export des Protokolls misslungen'
    ],
    audit_verified: [
      'Das Protokoll geprüft: {events} Ereignisse',
      'Prüfung des Protokolls misslungen'
    ],
    user_created: ['Das Konto {name} angelegt', 'Anlegen des Kontos {name} misslungen'],
    user_updated: ['Das Konto {name} geändert: {changes}', 'Ändern des Kontos {name} misslungen'],
    user_deleted: ['Das Konto {name} gelöscht', 'Löschen des Kontos {name} misslungen'],
    user_enabled: ['Das Konto {name} eingeschaltet', 'Einschalten des Kontos {name} misslungen'],
    user_disabled: ['Das Konto {name} gesperrt', 'Sperren des Kontos {name} misslungen'],
    upload: ['{resource} hochgeladen ({size})', 'Hochladen von {resource} ({size}) misslungen'],
    download: [
      '{resource} heruntergeladen ({size})',
      'Herunterladen von {resource} ({size}) misslungen'
    ],
    delete: ['{resource} endgültig gelöscht ({size})', 'Löschen von {resource} misslungen'],
    trash: [
      '{resource} in den Papierkorb gelegt ({size})',
      '{resource} in den Papierkorb zu legen misslang'
    ],
    restore: [
      '{resource} aus dem Papierkorb geholt',
      '{resource} aus dem Papierkorb zu holen misslang'
    ],
    purge: [
      '{resource} endgültig aus dem Papierkorb entfernt',
      'Endgültiges Entfernen von {resource} misslungen'
    ],
    version_restored: [
      'Eine frühere Fassung von {resource} wiederhergestellt',
      'Wiederherstellen einer früheren Fassung von {resource} misslungen'
    ],
    version_removed: [
      'Eine frühere Fassung von {resource} entfernt',
      'Entfernen einer früheren Fassung von {resource} misslungen'
    ],
    move: [
      '{source} nach {destination} verschoben',
      'Verschieben von {source} nach {destination} misslungen'
    ],
    rename: [
      '{source} in {destination} umbenannt',
      'Umbenennen von {source} in {destination} misslungen'
    ],
    copy: [
      '{source} nach {destination} kopiert',
      'Kopieren von {source} nach {destination} misslungen'
    ],
    create_directory: ['Den Ordner {resource} angelegt', 'Ordner {resource} anzulegen misslang'],
    server_started: ['Der Server startete, Version {version}', 'Der Server konnte nicht starten'],
    server_stopped: ['Der Server wurde beendet', 'Der Server konnte nicht beendet werden'],
    schema_migrated: [
      'Die Datenbank kam von Version {from_version} auf {to_version}',
      'Die Datenbank konnte ihre Version nicht wechseln'
    ],
    recovery_completed: [
      'Der Server hat sich nach einem plötzlichen Ende erholt',
      'Der Server sah nach, was übrig war, und fand Probleme ({findings_count})'
    ],
    backup_restored: [
      'Eine Sicherung von {made_at} wiederhergestellt: {blobs} Inhalte ({bytes})',
      'Eine Sicherung wiederherzustellen misslang'
    ],
    backup_created: [
      'Eine Sicherung von {blobs} Inhalten gemacht ({bytes})',
      'Sicherung misslungen'
    ],
    database_migrated: [
      'Die Daten in eine andere Datenbank gebracht: {rows} Zeilen',
      'Die Daten in eine andere Datenbank zu bringen misslang'
    ],
    audit_pruned: [
      '{events} alte Ereignisse entfernt, von vor {before}',
      'Entfernen alter Ereignisse misslungen'
    ],
    keys_rotated: [
      'Die Schlüssel des Servers gewechselt',
      'Wechsel der Serverschlüssel misslungen'
    ],
    event_refused: [
      'Die Datenbank nahm ein Ereignis nicht an: {refused_action}',
      'Die Datenbank nahm ein Ereignis nicht an: {refused_action}'
    ],
    disk_space_low: ['Die Platte ist fast voll: {free} frei', 'Die Platte ist fast voll'],
    disk_space_recovered: [
      'Die Platte hat wieder Platz: {free} frei',
      'Die Platte hat wieder Platz'
    ],
    integrity_scrub: [
      '{blobs} Inhalte geprüft: {damaged} beschädigt, {missing} fehlen ({stopped})',
      'Prüfung der Inhalte misslungen'
    ],
    blob_damaged: [
      'Ein Inhalt ist beschädigt ({paths})', 'Ein Inhalt ist beschädigt ({paths})'
    ]
  },
  unknown: ['„{action}“ getan', '„{action}“ misslungen'],
  rights: {
    read: 'lesen', write: 'schreiben', delete: 'löschen', share: 'teilen',
    create: 'Dateien hinzufügen', administer: 'das Recht eines Administrators',
    admin: 'das Recht eines Administrators', audit: 'das Recht eines Prüfers',
    session: 'eine Anmeldung', authenticated: 'eine Anmeldung'
  },
  factors: {password: 'Passwort', totp: 'Code', recovery_code: 'Notfallcode'},
  roles: {admin: 'Administrator', auditor: 'Prüfer', user: 'Benutzer'},
  fields: {
    username: 'Name', email: 'E-Mail', role: 'Rolle', enabled: 'eingeschaltet',
    quota_bytes: 'Kontingent', second_factor: 'zweiter Faktor', recovery_codes: 'Notfallcodes',
    unlocked_at: 'entsperrt', rights: 'Rechte', secret: 'Adresse', has_password: 'Passwort',
    expires_at: 'Ende', max_uses: 'höchste Zahl der Aufrufe', max_bytes: 'höchste Größe',
    note: 'Notiz'
  },
  values: {true: 'ja', false: 'nein', null: 'keine', pending: 'wird eingerichtet'},
  operations: {
    list_trash: 'den Papierkorb auflisten', list_versions: 'Fassungen auflisten',
    search: 'Suchen', read_event_proof: 'einen Beweis lesen',
    read_audit_status: 'den Zustand des Protokolls lesen',
    read_metadata: 'Ansehen', list_directory: 'einen Ordner öffnen',
    list_uploads: 'Uploads auflisten', list_grants: 'Rechte auflisten',
    list_shares: 'Links auflisten', read_share: 'einen Link lesen',
    list_users: 'Personen auflisten', get_user: 'ein Konto lesen',
    list_sessions: 'Sitzungen auflisten', list_keys: 'Schlüssel auflisten',
    read_account: 'das Konto lesen', read_usage: 'die Belegung lesen',
    read_upload: 'einen Upload lesen', list_events: 'das Protokoll lesen',
    read_event: 'ein Ereignis lesen', read_statistics: 'Statistik lesen',
    list_seals: 'Siegel auflisten', follow_audit: 'dem Protokoll folgen',
    follow_events: 'Ereignissen folgen', upload: 'Hochladen', download: 'Herunterladen',
    delete: 'Löschen', trash: 'Löschen', restore: 'Wiederherstellen',
    purge: 'endgültiges Löschen', move: 'Verschieben', rename: 'Umbenennen', copy: 'Kopieren',
    create_directory: 'einen Ordner anlegen', user_created: 'ein Konto anlegen',
    user_updated: 'ein Konto ändern', user_deleted: 'ein Konto löschen',
    user_enabled: 'ein Konto einschalten', user_disabled: 'ein Konto sperren',
    role_changed: 'eine Rolle ändern', password_changed: 'ein Passwort ändern',
    session_revoked: 'eine Sitzung beenden', logout: 'Abmelden',
    logout_all: 'Sitzungen beenden', permission_granted: 'Rechte geben',
    permission_revoked: 'Rechte nehmen', key_created: 'einen Schlüssel erstellen',
    key_revoked: 'einen Schlüssel beenden', share_created: 'einen Link erstellen',
    share_changed: 'einen Link ändern', share_ended: 'einen Link beenden',
    totp_enabled: 'einen zweiten Faktor einrichten',
    totp_disabled: 'einen zweiten Faktor ausschalten',
    audit_exported: 'das Protokoll exportieren',
    audit_verified: 'das Protokoll prüfen', audit_pruned: 'alte Ereignisse entfernen',
    version_restored: 'eine Fassung wiederherstellen', version_removed: 'eine Fassung entfernen'
  },
  reasons: {
    invalid_request: 'es verstieß gegen eine Regel',
    to_owner: 'wem es gehört, hat alle Rechte', to_oneself: 'sich selbst gibt niemand Rechte',
    'share_created quota_exceeded': 'es gab so viele Links, wie ein Konto haben darf',
    digest_mismatch: 'die Bytes waren andere als versprochen',
    unauthenticated: 'nicht angemeldet', invalid_credentials: 'Passwort oder Code war falsch',
    second_factor_required: 'der Code fehlte', token_expired: 'es kam zu spät',
    token_revoked: 'es war beendet worden', forbidden: 'nicht erlaubt',
    second_factor_setup_required: 'kein zweiter Faktor war eingerichtet',
    not_found: 'es war nicht da', already_exists: 'der Name war vergeben',
    conflict: 'es passte nicht zu dem, was da war', gone: 'es war zu Ende',
    precondition_failed: 'jemand hatte es geändert', payload_too_large: 'es war zu groß',
    quota_exceeded: 'es war nicht genug Platz', rate_limited: 'zu viele Versuche',
    internal: 'ein Fehler im Server', unavailable: 'der Server war beschäftigt',
    insufficient_storage: 'die Platte war voll', client_disconnected: 'die Verbindung brach ab',
    interrupted: 'der Server wurde beendet',
    range_not_satisfiable: 'den verlangten Teil gibt es nicht'
  },
  nobody: 'jemand', all: 'allen', noChange: 'nichts', list: ', ', last: ' und ',
  change: '{field} {from} → {to}', changed: '{field} geändert', because: '{what}: {reason}',
  viaLink: '{what}, über einen Link', viaKey: '{what}, mit einem Schlüssel',
  asked: 'Nach dem Passwort eines Links gefragt worden ({link})',
  foundProblems: 'Das Protokoll geprüft und Fehler gefunden: {events} Ereignisse',
  stopped: 'vorzeitig beendet'
};
