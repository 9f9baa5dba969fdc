import {
  Activity, Download, File, Folder, type Glyph, KeyRound, LogOut, Pencil, Share2, ShieldCheck,
  Trash2, Upload, Users
} from '../../components/icons/icons';
import type {AuditEvent} from '../../lib/language/sentences';

const icons: [RegExp, Glyph][] = [
  [/^upload$/, Upload], [/^download$/, Download],
  [/^(delete|trash|purge|version_removed)$/, Trash2],
  [/^(move|rename)$/, Pencil], [/^create_directory$/, Folder], [/^(share|permission)_/, Share2],
  [/^key_/, KeyRound], [/^(logout|session_|refresh_)/, LogOut],
  [/^(login|token|totp|recovery|second|password|access|invalid)/, ShieldCheck],
  [/^(user|role)_/, Users]
];

export function iconOf(event: AuditEvent): Glyph {
  const found = icons.find(([pattern]) => pattern.test(event.action));
  return found?.[1] ?? (event.event_type === 'FILE_ACCESS' ? File : Activity);
}
