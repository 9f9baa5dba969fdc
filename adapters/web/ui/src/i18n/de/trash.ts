import type {trash as en} from '../en/trash';

export const trash: Record<keyof typeof en, string> = {
  'trash.title': 'Papierkorb',
  'trash.kept_one': 'Gelöschtes bleibt einen Tag hier, dann ist es weg.',
  'trash.kept_other': 'Gelöschtes bleibt {count} Tage hier, dann ist es weg.',
  'trash.off': 'Dieser Server hat keinen Papierkorb: Gelöschtes ist sofort weg.',
  'trash.takes': 'Es belegt {size} Ihres Platzes.',
  'trash.from': 'Aus',
  'trash.by': 'Gelöscht von',
  'trash.deleted': 'Gelöscht',
  'trash.expires': 'Läuft ab',
  'trash.restore': 'Wiederherstellen',
  'trash.restored_one': 'In „{to}“ wiederhergestellt.',
  'trash.restored_other': '{count} Einträge wiederhergestellt.',
  'trash.show': 'Zeigen',
  'trash.purged_one': 'Endgültig gelöscht.',
  'trash.purged_other': '{count} Einträge endgültig gelöscht.',
  'trash.empty': 'Papierkorb leeren',
  'trash.empty_title': 'Papierkorb leeren?',
  'trash.emptied': 'Der Papierkorb ist leer.',
  'trash.lost': 'Das sind {size}. Es gibt keinen Weg zurück.',
  'trash.lost_all': 'Alles im Papierkorb geht verloren. Es gibt keinen Weg zurück.',
  'trash.and_more': 'und alles andere',
  'trash.none': 'Der Papierkorb ist leer',
  'trash.none_text':
    'Was Sie löschen, kommt zuerst hierher und lässt sich wiederherstellen, bis es abläuft.'
};
