import type {uploads as en} from '../en/uploads';

export const uploads: Record<keyof typeof en, string> = {
  'uploads.title': 'Uploads',
  'uploads.progress_one': 'Eine Datei wird hochgeladen',
  'uploads.progress_other': '{count} Dateien werden hochgeladen',
  'uploads.done_one': 'Eine Datei hochgeladen',
  'uploads.done_other': '{count} Dateien hochgeladen',
  'uploads.nothing': 'Nichts wurde hochgeladen',
  'uploads.ending': 'Ein Upload wird beendet',
  'uploads.waiting_one': 'Ein Upload wartet auf Sie',
  'uploads.waiting_other': '{count} Uploads warten auf Sie',
  'uploads.all_sum': '{sent} von {total} · {rate} · noch {left}',
  'uploads.all_sum_unknown': '{sent} von {total}',
  'uploads.started_one': 'Das Hochladen einer Datei hat begonnen.',
  'uploads.started_other': 'Das Hochladen von {count} Dateien hat begonnen.',
  'uploads.failed': '{name} konnte nicht hochgeladen werden.',
  'uploads.some_failed_one': 'Ein Upload ist gescheitert.',
  'uploads.some_failed_other': '{count} Uploads sind gescheitert.',
  'uploads.all_done_one': 'Der Upload ist fertig.',
  'uploads.all_done_other': 'Alle {count} Uploads sind fertig.',
  'uploads.state_waiting': 'Wartet',
  'uploads.state_asking': 'Wartet auf Ihre Antwort',
  'uploads.state_comparing': 'Wird mit dem verglichen, was da ist',
  'uploads.state_identical': 'Schon da, genau gleich',
  'uploads.state_paused': 'Angehalten bei {percent}',
  'uploads.state_paused_small': 'Angehalten. Wird von vorn gesendet',
  'uploads.state_done': 'Hochgeladen',
  'uploads.state_ending': 'Wird beendet',
  'uploads.state_unended':
    'Konnte nicht beendet werden: Was gesendet wurde, liegt noch auf dem Server.',
  'uploads.state_skipped': 'Ausgelassen',
  'uploads.state_lost':
    'Es wurde unterbrochen. Wählen Sie die Datei noch einmal: {size}, {folder}',
  'uploads.state_lost_at':
    'Es wurde unterbrochen, {percent} sind da. Wählen Sie die Datei noch einmal: ' +
    '{size}, {folder}',
  'uploads.state_retrying': 'Keine Verbindung. Geht von selbst weiter.',
  'uploads.pause': '{name} anhalten',
  'uploads.resume': 'Mit {name} fortfahren',
  'uploads.retry': '{name} noch einmal versuchen',
  'uploads.cancel': '{name} abbrechen',
  'uploads.cancel_title': 'Hochladen von „{name}“ beenden?',
  'uploads.cancel_text':
    'Was davon da ist, geht verloren: {sent} von {total}. Später muss alles neu gesendet werden.',
  'uploads.cancel_do': 'Hochladen beenden',
  'uploads.clear_title_one': 'Einen Upload beenden?',
  'uploads.clear_title_other': '{count} Uploads beenden?',
  'uploads.clear_text':
    'Was davon da ist, geht verloren und muss später neu gesendet werden:',
  'uploads.clear_unsent': 'Nicht gesendet, und danach wird nicht mehr gefragt:',
  'uploads.clear_do_one': 'Upload beenden',
  'uploads.clear_do_other': 'Uploads beenden',
  'uploads.leaving_one': 'Ein Upload ist nicht fertig',
  'uploads.leaving_other': '{count} Uploads sind nicht fertig',
  'uploads.leaving_text':
    'Beim Abmelden bricht ab, was gerade gesendet wird. Große Dateien gehen später dort weiter, ' +
    'wo sie sind: Sie werden dann nach ihnen gefragt.',
  'uploads.choose': 'Datei wählen',
  'uploads.changed':
    'Die Datei wurde auf Ihrem Computer geändert oder entfernt. Wählen Sie sie noch einmal.',
  'uploads.wrong_file': 'Das ist eine andere Datei: Name, Größe, Zeit oder Inhalt weichen ab.',
  'uploads.another_file':
    '„{name}“ ist nicht die Datei, deren Upload wartet: Ihr Inhalt ist ein anderer. Sie wird neu ' +
    'gesendet.',
  'uploads.unreadable': 'Auf Ihrem Computer ist es nicht zu lesen.',
  'uploads.unsent_one':
    'Eine Datei wurde nicht nach {folder} gesendet. Wählen Sie sie noch einmal.',
  'uploads.unsent_other':
    '{count} Dateien wurden nicht nach {folder} gesendet. Wählen Sie sie noch einmal.',
  'uploads.choose_files': 'Dateien wählen',
  'uploads.choose_folder': 'Ordner wählen',
  'uploads.dismiss': '{name} nicht senden',
  'uploads.wrong_files': 'Nicht unter den Dateien, die fehlen: {names}',
  'uploads.names_one': '{names} und eine weitere',
  'uploads.names_other': '{names} und {count} weitere',
  'uploads.collapse': 'Weniger zeigen',
  'uploads.expand': 'Mehr zeigen',
  'uploads.close': 'Liste der Uploads schließen',
  'uploads.more_one': 'und eine weitere',
  'uploads.more_other': 'und {count} weitere',
  'uploads.quota': 'Das braucht {needed}, und Sie haben noch {left}.',
  'uploads.quota_title': 'Nicht genug Platz',
  'uploads.quota_text':
    'Löschen Sie etwas, wählen Sie weniger, oder bitten Sie einen Administrator um mehr Platz.',
  'conflict.title': 'Der Name ist vergeben',
  'conflict.file': '„{name}“ ist schon da.',
  'conflict.there': 'Schon da',
  'conflict.coming': 'Kommt hinzu',
  'conflict.same': 'Beide haben denselben Inhalt.',
  'conflict.replaced':
    'Beim Ersetzen bleibt die alte Datei als Fassung, wenn dieser Server Fassungen aufhebt.',
  'conflict.folder':
    '„{name}“ ist schon da, und Ordner und Datei können einander nicht ersetzen.',
  'conflict.folders':
    'Einen Ordner „{name}“ gibt es schon, und Ordner werden nicht vereint: behalten Sie beide, ' +
    'oder überspringen Sie ihn.',
  'conflict.where': 'Ordner',
  'conflict.for_all': 'Mit allen anderen ({count}) ebenso verfahren',
  'conflict.skip': 'Überspringen',
  'conflict.replace': 'Ersetzen',
  'conflict.both': 'Beide behalten'
};
