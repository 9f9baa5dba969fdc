import type {reports as en} from '../en/reports';

export const reports: Record<keyof typeof en, string> = {
  'report.lead':
    'Berichte zum Drucken oder zum Sichern als PDF oder CSV. Jeder sagt, über welche Ereignisse, ' +
    'welches Siegel und welchen Schlüssel er gemacht ist, damit ein Prüfer ihn prüfen kann.',
  'report.access': 'Zugriffe auf einen Pfad',
  'report.access.text':
    'Wer las, änderte oder entfernte, was unter einem Pfad liegt, und wer abgewiesen wurde. Was ' +
    'fortbewegt oder kopiert wurde, steht mit seinem Ziel da; was dort geschah, unter jenem Pfad.',
  'report.access.ask': 'Um welchen Pfad geht es?',
  'report.seen': 'Wer einen Pfad sehen konnte',
  'report.seen.text':
    'Wer in dem Zeitraum ein Recht auf eine Datei oder einen Ordner hatte, wodurch, und wer ' +
    'es gab. Das steht im Protokoll, also gilt es für jeden Tag; ein Pfad ist, wie er damals ' +
    'hieß.',
  'report.seen.ask': 'Um welchen Pfad geht es?',
  'report.seen_pruned':
    'Ereignisse von vor {time} wurden aus dem Protokoll entfernt. Rechte, die vorher gegeben ' +
    'wurden, fehlen in dieser Antwort.',
  'report.seen_then': 'Was heute unter {path} liegt, war damals anderswo:',
  'report.holds': 'Konnten alles sehen',
  'report.holds_below': 'Konnten einen Teil sehen',
  'report.nobody': 'Niemand außer dem, der den Server betreibt.',
  'report.way': 'Durch',
  'report.way.owner': 'Eigener Ordner',
  'report.way.admin': 'Administrator',
  'report.way.grant': 'Gegebenes Recht',
  'report.way.link': 'Link',
  'report.way.locked_link': 'Link mit Passwort',
  'report.whoever': 'Wer den Link hatte',
  'report.could': 'Konnte',
  'report.given_at': 'Gegeben auf',
  'report.given_by': 'Gegeben von',
  'report.given': 'Seit',
  'report.until': 'Bis',
  'report.not_ended': 'In dem Zeitraum nicht beendet',
  'report.rests_on': 'Ereignisse, auf denen das beruht',
  'report.read': 'Gelesene Ereignisse',
  'report.reading': '{count} Ereignisse gelesen, bis {time}',
  'report.first_day': 'Erster Tag',
  'report.last_day': 'Letzter Tag',
  'report.path_example': '/anna/projekte',
  'report.person': 'Handlungen einer Person',
  'report.person.text':
    'Alles, was ein Konto tat oder versuchte, mit dem Ausgang, wer es anlegte, änderte oder ' +
    'löschte, und wer sich unter seinem Namen vergeblich anmeldete, wer auch immer das war.',
  'report.part.read': 'Gelesen',
  'report.part.changed': 'Geändert',
  'report.part.refused': 'Abgewiesen oder misslungen',
  'report.part.rights': 'Rechte und Links',
  'report.part.account': 'Das Konto selbst',
  'report.part.tries': 'Versuche, sich als {name} anzumelden',
  'report.part.own': 'Von {name} getan',
  'report.part.signins': 'Misslungene Anmeldungen',
  'report.part.codes': 'Falsche Codes und verbrauchte Tokens',
  'report.part.links': 'Versuche an Links',
  'report.who_read': 'Wer las',
  'report.by_link': 'Wer den Link {id} hatte',
  'report.person.ask': 'Um wen geht es?',
  'report.logins': 'Misslungene Anmeldungen',
  'report.logins.text':
    'Falsche Passwörter und Codes, auch von Links, und verbrauchte Tokens, die wiederkamen: je ' +
    'Name und Adresse.',
  'report.rights': 'Rechte, und wer sie gab',
  'report.rights.text':
    'Rechte und Links, die gegeben, geändert und genommen wurden, und Wechsel von Rollen.',
  'report.privileged': 'Handlungen mit Vorrecht',
  'report.privileged.text':
    'Was nur Administratoren, Prüfer und der Betreiber können: Konten, Rollen, Exporte, das ' +
    'System.',
  'report.proof': 'Aufbewahrung und Beweis',
  'report.proof.text':
    'Wie lange Ereignisse bleiben, was entfernt wurde, und wie versiegelt und geprüft wurde.',
  'report.report': 'Bericht',
  'report.path': 'Pfad',
  'report.user': 'Person',
  'report.show': 'Zeigen',
  'report.print': 'Drucken',
  'report.csv': 'CSV',
  'report.count': 'Ereignisse',
  'report.count_cut': 'die neuesten {count} von mehr',
  'report.cut':
    'Ein Bericht nennt bis zu {count} Ereignisse; in diesem Zeitraum gibt es ältere. Wählen Sie ' +
    'einen kürzeren, oder exportieren Sie die Ereignisse.',
  'report.made': 'Erstellt',
  'report.made_by': '{time}, von {name}',
  'report.beginning': 'der Anfang',
  'report.path_slash': 'Ein Pfad beginnt mit „/“, wie /anna/projekte.',
  'report.none_path': 'Das Protokoll weiß in diesem Zeitraum nichts von diesem Pfad.',
  'report.left_out': 'Nicht aufgeführt',
  'report.left_out_text':
    'Zu viele Versuche von Fremden werden nicht einzeln protokolliert: Ein späteres Ereignis ' +
    'zählt sie, in seinen Einzelheiten unter „Davor ausgelassen“.',
  'report.left_out_count': 'Die aufgeführten Ereignisse zählen {count}.',
  'report.none': 'Solche Ereignisse gibt es in diesem Zeitraum nicht.',
  'report.by_action': 'Je Handlung',
  'report.by_person': 'Je Person',
  'report.by_address': 'Je Adresse',
  'report.events': 'Ereignisse',
  'report.number': 'Nr.',
  'report.more': 'Und {count} weitere',
  'report.state': 'Stand',
  'report.pruned_before': 'Entfernt',
  'report.nothing_pruned': 'Noch nichts',
  'report.last_verification': 'Letzte Prüfung',
  'report.altered':
    'Die letzte Prüfung fand Fehler. Diese Ereignisse können zu diesem Bericht gehören, obwohl ' +
    'er sie nicht nennt: Ein verändertes passt vielleicht nicht mehr, ein entferntes ist weg.',
  'report.never_verified': 'Noch keine',
  'report.verified_ok': 'Kein Fehler gefunden, {time}, von {name}',
  'report.verified_bad': 'Fehler gefunden, {time}, von {name}',
  'report.check':
    'Diesen Bericht zu prüfen: Exportieren Sie das Protokoll mit Siegeln und prüfen Sie es mit ' +
    'dem öffentlichen Schlüssel. Seine Siegel müssen bis zum oben genannten Siegel und Kopf ' +
    'reichen; ' +
    'jedes Ereignis findet sich mit seiner Nummer.'
};
