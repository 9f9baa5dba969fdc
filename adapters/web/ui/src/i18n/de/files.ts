import type {files as en} from '../en/files';

export const files: Record<keyof typeof en, string> = {
  'files.path': 'Pfad des Ordners',
  'files.home': 'Meine Dateien',
  'files.homes': 'Alle Bereiche',
  'files.list': 'Inhalt von {name}',
  'files.empty': 'Dieser Ordner ist leer',
  'files.name': 'Name',
  'files.size': 'Größe',
  'files.modified': 'Geändert'
};
