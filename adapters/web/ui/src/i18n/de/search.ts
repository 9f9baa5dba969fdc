import type {search as en} from '../en/search';

export const search: Record<keyof typeof en, string> = {
  'search.title': 'Suche',
  'search.field': 'Dateien und Ordner finden',
  'search.for': 'Gefunden zu „{q}“',
  'search.found': 'Gefundenes',
  'search.filters': 'Suche eingrenzen',
  'search.where': 'Wo',
  'search.everywhere': 'Überall',
  'search.here': 'In {name}',
  'search.kind': 'Art',
  'search.kind_all': 'Dateien und Ordner',
  'search.kind_file': 'Dateien',
  'search.kind_directory': 'Ordner',
  'search.changed': 'Geändert',
  'search.changed_all': 'Jederzeit',
  'search.changed_day': 'In den letzten 24 Stunden',
  'search.changed_week': 'In den letzten 7 Tagen',
  'search.changed_month': 'In den letzten 30 Tagen',
  'search.changed_year': 'Im letzten Jahr',
  'search.folder': 'Ordner',
  'search.to_folder': 'Zu seinem Ordner',
  'search.begin': 'Was suchen Sie?',
  'search.begin_text':
    'Geben Sie oben Wörter des Namens ein: mindestens einen Buchstaben oder eine Ziffer.',
  'search.none': 'Nichts heißt so',
  'search.none_text':
    'Jedes Wort muss im Namen stehen, gleich in welcher Folge; gefunden wird nur, was Sie sehen ' +
    'dürfen. Versuchen Sie weniger Wörter, oder suchen Sie weiter.'
};
